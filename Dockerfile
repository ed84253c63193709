# One image for Prefect's server, the workers, the films and the deployments; which of them it is, its command says.
FROM python:3.11-slim

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
WORKDIR /opt/storyreel
COPY pyproject.toml constraints.txt README.md LICENSE prefect.yaml ./
COPY src src
COPY flows flows
# What was tested, version by version.
RUN PIP_CONSTRAINT=constraints.txt pip install -e ".[s3]"

RUN useradd --create-home --uid 1000 studio \
    && install -d -o studio -g studio /studio /studio/storyboards /films /vault /rehearsals /prefect
USER studio
# Flows run here; a storyboard is named by its path from here: storyboards/lighthouse.yaml
WORKDIR /studio
ENV PREFECT_HOME=/prefect STORYREEL_OUT=/films
