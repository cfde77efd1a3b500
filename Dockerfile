# docker build -t molq .
# docker run -p 127.0.0.1:8000:8000 -e MOLQ_TOKEN=$(openssl rand -hex 16) -v molq:/data molq

FROM python:3.11-slim AS wheel
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /wheels

FROM python:3.11-slim
# CPU builds of torch; without this index pip brings several GB for GPUs
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY constraints.txt /wheels/
COPY --from=wheel /wheels/*.whl /wheels/
RUN pip install --no-cache-dir --constraint /wheels/constraints.txt --extra-index-url "$TORCH_INDEX" \
      "molq[serve] @ file://$(ls /wheels/molq-*.whl)" \
    && rm -r /wheels \
    && useradd --create-home --uid 10001 molq \
    && install --directory --owner molq /data
USER molq
WORKDIR /home/molq
# compiles the kernels once, so that a container answers in seconds
RUN printf 'smiles\nCCO\n' > warm.csv && molq screen bace-dmpnn warm.csv -o warm-scores.csv --workers 1 && rm warm*.csv
VOLUME /data
EXPOSE 8000
# other machines are let in with MOLQ_TOKEN alone; without it the server says so and ends
CMD ["molq", "serve", "bace-dmpnn", "--host", "0.0.0.0", "--port", "8000", "--data", "/data"]
