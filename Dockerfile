# The one image: the bundle, and beside it only koffi. The verb picks the binary: controller, node-agent, or the CLI's.
FROM node:24-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build
# koffi with the native part of the platform that the image is built for
RUN mkdir -p /out/node_modules/@koromix \
 && cp -r dist/cpufeatures.mjs dist/chunks /out/ \
 && cp -r node_modules/koffi /out/node_modules/ \
 && cp -r node_modules/@koromix/koffi-linux-* /out/node_modules/@koromix/

FROM node:24-trixie-slim
COPY --from=build /out /opt/cpufeatures
# The agent must be root on its node; the controller's Deployment says runAsNonRoot itself.
ENTRYPOINT ["node", "/opt/cpufeatures/cpufeatures.mjs"]
