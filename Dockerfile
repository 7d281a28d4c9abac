# storewire listen in a container, installed from the packed tarball:
#
#   npm pack && docker build --tag storewire .
#   docker run --publish 4280:4280 --env STOREWIRE_BUNDLE_ID=com.example.app --volume storewire:/data storewire
#
# Any other command takes its place: docker run --rm -i storewire verify < payload.json
FROM node:24-alpine AS install
COPY storewire-*.tgz /tmp/storewire.tgz
RUN npm install --global --prefix /opt/storewire --ignore-scripts --no-audit --no-fund /tmp/storewire.tgz

FROM node:24-alpine
COPY --from=install /opt/storewire /opt/storewire
ENV PATH=/opt/storewire/bin:$PATH
# The project folder: settings, journal and test authority. Nobody but the user of the container may read it.
RUN install -d -o 1000 -g 1000 -m 700 /data
WORKDIR /data
VOLUME /data
# `node` of the base image, by number: Kubernetes cannot see that a name is not root.
USER 1000:1000
EXPOSE 4280
# Set it where `listen` has another --port, or a certificate.
ENV STOREWIRE_HEALTH_URL=http://127.0.0.1:4280/
# Any response below 500 shows a listener that works: behind --path it is 404, otherwise 200.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.STOREWIRE_HEALTH_URL).then(({ status }) => process.exit(status < 500 ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["storewire"]
CMD ["listen", "--host", "0.0.0.0"]
