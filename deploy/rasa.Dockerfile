# The Rasa server with a trained bot in it. Rasa open source ends at 3.6.21, which needs Python 3.10.
# Build from the top folder:  docker build -f deploy/rasa.Dockerfile .
FROM python:3.10-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    RASA_TELEMETRY_ENABLED=false

WORKDIR /srv/bot
COPY bot/requirements.txt ./
RUN pip install -r requirements.txt

RUN useradd --system --uid 10001 --home-dir /srv/bot --shell /usr/sbin/nologin sangdam \
 && install -d -o sangdam -g sangdam models
COPY bot/*.yml bot/*.py ./
COPY bot/data data
COPY bot/components components
USER sangdam
# A model is named after what it was trained from: with a changed bot mounted over this one,
# the same command at the start trains again, and else only prints the name.
RUN python train.py --models models

EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5005/', timeout=4)"]
CMD ["sh", "-c", "model=$(python train.py --models models | tail -n 1) && exec python server.py --host 0.0.0.0 --port 5005 --model \"$model\" --actions-url \"$SANGDAM_ACTIONS_URL\""]
