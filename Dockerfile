# The one image, for a container engine: Node, koffi, their libraries, the bundle and the holder. The verb picks the binary: controller,
# node-agent, or the CLI's. scripts/image/image-files.ts lists the files; `make image` makes the same image without an engine.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
ARG TARGETARCH
# For the holder, which is C.
RUN case $TARGETARCH in \
      arm64) compiler="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;; \
      *) compiler="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;; \
    esac && apt-get update && apt-get install -y --no-install-recommends $compiler
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
# The image's scripts fetch packages as the lab does.
COPY test/harness test/harness
RUN node scripts/build.ts && node scripts/image/lay-out.ts $TARGETARCH /out

FROM scratch
COPY --from=build /out/runtime /
COPY --from=build /out/product /
# The agent must be root on its node; the controller's Deployment says runAsNonRoot itself.
ENTRYPOINT ["/usr/local/bin/node", "/opt/cpufeatures/cpufeatures.mjs"]
