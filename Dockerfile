# The image of Peermentor in production. What it starts is said by peermentor/processes.py.

FROM node:22-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend frontend
COPY static static
RUN npm run build

FROM python:3.11-slim AS packages
COPY requirements/app.txt /requirements.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent peermentor
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py ./
COPY templates templates
COPY accounts accounts
COPY matching matching
COPY contracts contracts
COPY checkins checkins
COPY peermentor peermentor
COPY --from=front-end /build/static static
# The settings insist on addresses, to which nothing is connected here. DEBUG=1 is for this one command alone: it lets
# the secrets of production be absent, so that none can get into the image.
RUN DEBUG=1 DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
    python manage.py collectstatic --no-input --verbosity 0 \
 && python -m compileall -q accounts matching contracts checkins peermentor
USER peermentor
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "-m", "peermentor.processes", "web"]
