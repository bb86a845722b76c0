"""Clients for events of users, as `tests.libraries.test_against_sinks` runs them."""

from __future__ import annotations

from tests.libraries.clients import Client


def _of_segment(name: str, package: str, module: str, endpoint: str) -> tuple[Client, ...]:
    setup = f"import {module} as it; it.write_key = 'key'; it.{endpoint} = f'http://127.0.0.1:{{PORT}}'"
    verbs = {
        "track": "'user', 'signed up'",
        "identify": "'user', {'plan': 'a'}",
        "group": "'user', 'team'",
        "alias": "'user', 'new'",
        "page": "'user', 'shop', 'orders'",
        "screen": "'user', 'shop', 'orders'",
    }
    return (
        *(
            Client(f"{name} {verb}", package, setup, f"it.{verb}({given})", ("it.flush()", "it.shutdown()"))
            for verb, given in verbs.items()
        ),
        Client(f"{name} sync_mode", package, f"{setup}; it.sync_mode = True", "it.track('user', 'x')", at_once=True),
    )


_POSTHOG = (
    "it.capture_ai('$ai_span', distinct_id='user')",
    "it.capture_exception(Exception('broken'), distinct_id='user')",
    "it.set(distinct_id='user', properties={'plan': 'a'})",
    "it.set_once(distinct_id='user', properties={'plan': 'a'})",
    "it.group_identify('team', 'a', {'plan': 'a'})",
    "it.alias('user', 'new')",
)
_AMPLITUDE = """
from amplitude import Amplitude, BaseEvent, Config, EventOptions, Identify, Revenue
it = Amplitude("key", Config(server_url=f"http://127.0.0.1:{PORT}"))
user, plan = EventOptions(user_id="user"), Identify()
plan.set("plan", "a")
"""
_MIXPANEL = """
from mixpanel import BufferedConsumer, Consumer, Mixpanel
url = f"http://127.0.0.1:{PORT}"
consumer = CONSUMER(events_url=url, people_url=url, groups_url=url, import_url=url)
it = Mixpanel("token", consumer)
"""
_LAUNCHDARKLY = """
from ldclient import Config, Context, LDClient
it = LDClient(Config("key", events_uri=f"http://127.0.0.1:{PORT}", use_ldd=True, diagnostic_opt_out=True))
user = Context.create("user")
"""

CLIENTS = (
    Client(
        "posthog",
        "posthog",
        "import posthog as it; it.api_key = 'key'; it.host = f'http://127.0.0.1:{PORT}'",
        "it.capture('signed up', distinct_id='user')",
        ("it.flush()", "it.shutdown()"),
        also=_POSTHOG,
    ),
    Client(
        "posthog client object",
        "posthog",
        "from posthog import Posthog; it = Posthog('key', host=f'http://127.0.0.1:{PORT}')",
        "it.capture('signed up', distinct_id='user')",
        ("it.flush()", "it.shutdown()"),
        also=_POSTHOG,
    ),
    Client(
        "posthog sync_mode",
        "posthog",
        "from posthog import Posthog; it = Posthog('key', host=f'http://127.0.0.1:{PORT}', sync_mode=True)",
        "it.capture('signed up', distinct_id='user')",
        at_once=True,
    ),
    *_of_segment("segment", "segment-analytics-python", "segment.analytics", "host"),
    *_of_segment("segment legacy", "analytics-python", "analytics", "host"),
    *_of_segment("customer.io", "customerio-cdp-analytics", "customerio.analytics", "host"),
    *_of_segment("rudderstack", "rudder-sdk-python", "rudder_analytics", "data_plane_url"),
    Client(
        "amplitude",
        "amplitude-analytics",
        _AMPLITUDE,
        "it.track(BaseEvent('signed up', user_id='user'))",
        ("it.shutdown()", "[each.result() for each in it.flush()]"),
        ("it.flush()",),
        also=(
            "it.identify(plan, user)",
            "it.revenue(Revenue(price=1.0), user)",
            "it.set_group('team', 'a', user)",
            "it.group_identify('team', 'a', plan)",
        ),
    ),
    Client(
        "mixpanel buffer",
        "mixpanel",
        _MIXPANEL.replace("CONSUMER", "BufferedConsumer"),
        "it.track('user', 'signed up')",
        ("consumer.flush()",),
        also=(
            "consumer.send('events', '{}')",
            "it.import_data('key', 'user', 'signed up', 1)",
            "it.merge('key', 'user', 'new')",
            "it.people_set('user', {'plan': 'a'})",
            "it.people_set_once('user', {'plan': 'a'})",
            "it.people_increment('user', {'orders': 1})",
            "it.people_append('user', {'orders': 1})",
            "it.people_union('user', {'orders': [1]})",
            "it.people_unset('user', ['plan'])",
            "it.people_remove('user', {'orders': 1})",
            "it.people_delete('user')",
            "it.people_track_charge('user', 1)",
            "it.people_clear_charges('user')",
            "it.people_update({})",
            "it.group_set('team', 'a', {'plan': 'a'})",
            "it.group_set_once('team', 'a', {'plan': 'a'})",
            "it.group_union('team', 'a', {'orders': [1]})",
            "it.group_unset('team', 'a', ['plan'])",
            "it.group_remove('team', 'a', {'orders': 1})",
            "it.group_delete('team', 'a')",
            "it.group_update({})",
        ),
    ),
    Client(
        "mixpanel",
        "mixpanel",
        _MIXPANEL.replace("CONSUMER", "Consumer"),
        "it.track('user', 'signed up')",
        at_once=True,
        also=("it.people_set('user', {'plan': 'a'})",),
    ),
    Client(
        "launchdarkly",
        "launchdarkly-server-sdk",
        _LAUNCHDARKLY,
        "it.track('signed up', user)",
        ("it.close()", "it.__exit__(None, None, None)"),
        ("it.flush()",),
        also=("it.identify(user)", "it.variation('banner', user, False)", "it.variation_detail('banner', user, False)"),
    ),
    Client(
        "snowplow",
        "snowplow-tracker",
        "from snowplow_tracker import AsyncEmitter; "
        "it = AsyncEmitter('127.0.0.1', protocol='http', port=PORT, batch_size=10)",
        "it.input({'e': 'pv'})",
        ("it.sync_flush()",),
        ("it.flush()",),
    ),
)
