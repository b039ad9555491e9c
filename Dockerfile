# Build: docker build -t intercom-otel-agent .
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY scripts scripts
RUN npm ci --ignore-scripts
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

# The agent needs Node, its files, and one writable volume: /data. It runs as an unprivileged user, also with a read-only
# root file system.
FROM node:24-slim
# Less memory for some percent of CPU: a smaller young generation, and fewer of the allocator's arenas than threads.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=8 MALLOC_ARENA_MAX=2
WORKDIR /opt/intercom-otel-agent
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/dist dist
COPY config config
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
VOLUME /data
# 8080 webhooks, 13133 health
EXPOSE 8080 13133
# Exec form: node is PID 1 and gets SIGTERM itself. The grace period of the orchestrator should be 30 s.
ENTRYPOINT ["node", "/opt/intercom-otel-agent/dist/cli/bin.cjs"]
CMD ["run", "--config", "/etc/intercom-otel-agent/agent.yaml"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:13133/').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
