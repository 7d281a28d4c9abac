import { type Command, Option } from 'commander';
import type { Dispatcher } from 'undici';
import { createDispatcher } from '../../http/dispatcher.js';
import { parseHeaders } from '../../listener/forward/headers.js';
import { parseTarget } from '../../listener/forward/parse-target.js';
import type { HttpTarget } from '../../listener/forward/target.js';
import type { Deps } from '../deps.js';
import { durationOption } from '../durations.js';
import { collect } from '../options.js';

/** Where notifications are handed on to, and how, as flags say it. */
export interface ForwardFlags {
  readonly forwardTo?: readonly string[];
  readonly header?: readonly string[];
  readonly insecure: boolean;
  /** Milliseconds. */
  readonly forwardTimeout: number;
  readonly forwardSynthetic: boolean;
}

const FORWARD_TIMEOUT_MS = 10_000;

export function addForwardOptions(command: Command): Command {
  return command
    .option('-f, --forward-to <target>', '[name=]URL to send to (repeatable)', collect)
    .option('-H, --header <header>', '"name: value" to send along (repeatable)', collect)
    .option('--insecure', 'do not check their certificates', false)
    .addOption(
      new Option('--forward-timeout <duration>', 'deadline of one delivery')
        .argParser(durationOption)
        .default(FORWARD_TIMEOUT_MS, '10s'),
    )
    .option('--forward-synthetic', 'send test notifications to public hosts, too', false);
}

/** The targets of texts as `--forward-to` takes them. Throws the usage errors of `parseTarget` and `parseHeaders`. */
export function readTargets(
  texts: readonly string[],
  { header = [], insecure }: Pick<ForwardFlags, 'header' | 'insecure'>,
): readonly HttpTarget[] {
  const headers = parseHeaders(header);
  const targets: HttpTarget[] = [];
  for (const text of texts)
    targets.push(parseTarget(text, { headers, insecure, taken: targets.map(({ name }) => name) }));
  return targets;
}

/** The dispatcher for each target: the run's own, and another for those whose certificates are not checked; made on first use. */
export function openTargetDispatchers(http: Deps['http']): (target: HttpTarget) => Promise<Dispatcher> {
  let secure: Promise<Dispatcher> | null = null;
  let insecure: Promise<Dispatcher> | null = null;
  return (target) => {
    if (target.insecure) {
      insecure ??= createDispatcher({ insecure: true });
      return insecure;
    }
    secure ??= http();
    return secure;
  };
}
