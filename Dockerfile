# One image for every service: `wiredesk worker fetcher`, `wiredesk api`, ... Without the embedded engines.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/wiredesk
# The dependencies by themselves: a change of our own code does not fetch them again.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
        print(*project['dependencies'], *project['optional-dependencies']['dashboard'], sep='\n')" > requirements.txt \
 && pip --python /opt/wiredesk/bin/python install -c constraints.txt -r requirements.txt
COPY README.md LICENSE ./
COPY services services
COPY shared shared
COPY wiredesk wiredesk
RUN pip wheel --no-deps --wheel-dir dist . \
 && pip --python /opt/wiredesk/bin/python install --no-deps dist/*.whl
COPY compose/health.py /opt/wiredesk/bin/wiredesk-health


FROM python:3.13-slim
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Wiredesk" \
      org.opencontainers.image.description="News ingestion: give it feeds, other services get a clean, complete, versioned stream of articles" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}"
# The number is fixed: files of a mounted folder can be given to it. A volume takes its owner from /data/pages.
RUN groupadd --gid 10001 wiredesk \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin wiredesk \
 && install -d -o wiredesk -g wiredesk /data /data/pages
COPY --from=build /opt/wiredesk /opt/wiredesk
ENV PATH=/opt/wiredesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WIREDESK_DATA=/data \
    WIREDESK_LOG_FORMAT=json
# By number: Kubernetes' runAsNonRoot cannot look names up.
USER 10001:10001
WORKDIR /data
EXPOSE 8700 9181
ENTRYPOINT ["wiredesk"]
CMD ["--help"]
