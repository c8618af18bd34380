# The service: docker build -t bitocr . && docker run -p 8000:8000 -e BITOCR_TOKEN=... bitocr
FROM python:3.12-bookworm AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim-bookworm
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(echo /wheels/bitocr-*.whl)[serve,pdf]" \
    && useradd --system --no-create-home --uid 10001 bitocr
USER 10001
EXPOSE 8000
HEALTHCHECK --start-period=10s --timeout=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready')"]
ENTRYPOINT ["bitocr", "serve", "--host", "0.0.0.0"]
