import type { ListenerEvent } from '../../listener/event.js';
import type { TunnelEnd } from '../../listener/tunnel/supervise.js';
import type { Deps } from '../deps.js';
import type { Notes } from '../notes.js';
import type { PublicEndTold } from './public-end.js';

/** Tells what a tunnel does: that it starts, with `verbose` each line it prints, and at once that it is gone. */
export function tellTunnel(
  { verbose }: { readonly verbose: boolean },
  notes: Pick<Notes, 'say'>,
  onEvent: (event: ListenerEvent) => void,
  { now }: Pick<Deps, 'now'>,
): PublicEndTold {
  return {
    onStarting: (name) => notes.say(`Starting ${name} …`),
    onLine: (line) => {
      if (verbose) notes.say(line);
    },
    onEnded: (name, end) =>
      onEvent({ event: 'notice', atMs: now(), code: 'TUNNEL_ENDED', message: describeEnd(name, end) }),
  };
}

function describeEnd(name: string, { code, signal, lastLines }: TunnelEnd): string {
  const how = signal === null ? (code === null ? '' : ` with code ${code}`) : ` by ${signal}`;
  const said = lastLines.at(-1);
  return `The tunnel (${name}) has ended${how}: Apple reaches nothing here any more.${said === undefined ? '' : ` It said: ${said}`}`;
}
