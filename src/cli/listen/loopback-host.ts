import { isLoopback } from '../../http/dispatcher.js';

/** Whether what listens on this `--host` is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const isBareIpv6 = host.includes(':') && !host.startsWith('[');
  return isLoopback(isBareIpv6 ? `[${host}]` : host);
}
