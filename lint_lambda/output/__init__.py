"""What a report looks like: one module a format. They render what they are given and decide nothing."""
