# One image for web, worker and beat; compose.yaml shows how they run together.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --create-home portaali
WORKDIR /app

COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN for catalogue in locale/*/LC_MESSAGES/*.po; do \
        [ -e "$catalogue" ] || continue; \
        python -m babel.messages.frontend compile -i "$catalogue" -o "${catalogue%.po}.mo" || exit 1; \
    done \
    && SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput

ENV DATA_DIR=/data BIND=0.0.0.0 PORT=8000
USER portaali
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "bin/healthcheck.py"]
ENTRYPOINT ["bin/container"]
CMD ["web"]
