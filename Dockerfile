# lambda-lint in a container: docker run --rm -v "$PWD:/project" lambda-lint [ARGUMENTS]
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/lambda-lint \
    && /opt/lambda-lint/bin/python -m pip install --no-cache-dir --disable-pip-version-check /source

FROM python:3.13-slim
COPY --from=build /opt/lambda-lint /opt/lambda-lint
ENV PATH=/opt/lambda-lint/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# The project is mounted, and belongs to someone else: nothing is run as root, and nothing is written beside it.
USER nobody
WORKDIR /project
ENTRYPOINT ["lambda-lint"]
CMD ["check", "--no-cache"]
