import { type Command, Option } from 'commander';
import type { Dispatcher } from 'undici';
import { ToolError } from '../errors.js';
import { parseHeaders } from '../forwarding/headers.js';
import { buildExecTarget, checkTarget, parseTarget } from '../forwarding/parse-target.js';
import type { HttpTarget, Target, TargetFilter } from '../forwarding/target.js';
import { createDispatcher } from '../http/dispatcher.js';
import { checkEvents, parseEvents } from '../notification/event-filter.js';
import type { ListenSettings } from '../settings/resolve.js';
import type { Deps } from './deps.js';
import { collect, durationOption } from './options.js';

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
function readTargets(
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

/** Where notifications go, as flags say it: those of `listen`; `replay` gives the defaults of what it has no flag for. */
export interface TargetFlags extends Pick<ForwardFlags, 'forwardTo' | 'header' | 'insecure'> {
  readonly exec?: string;
  readonly events?: string;
  readonly deliver?: 'Sandbox' | 'Production';
  readonly answer: 'ack' | 'forwarded';
  readonly onInvalid: 'reject' | 'forward' | 'drop';
}

interface PlannedTargets {
  readonly targets: readonly Target[];
  /** What is odd about them, for whoever reads. */
  readonly warnings: readonly string[];
}

/**
 * Where notifications go: the addresses first, in the order given, then the program. What `--events` and `--deliver` say holds for every
 * target without such a filter of its own. Throws the usage errors of `readTargets` and `parseEvents`, `ERR_USAGE_EXEC` for an empty command,
 * and `ERR_USAGE_FORWARD` where a flag needs a target and there is none.
 */
export function planTargets(flags: TargetFlags, settings: ListenSettings): PlannedTargets {
  const texts = flags.forwardTo ?? settings.targets?.value ?? [];
  const command = flags.exec ?? settings.exec?.value;
  const events = flags.events ?? settings.events?.value.join(',');
  if (command?.trim() === '') {
    throw new ToolError('usage', 'ERR_USAGE_EXEC', '--exec has no command to run', {
      hint: "Write --exec './handle.sh', for example; it is given the document on stdin.",
    });
  }
  const usual = {
    events: events === undefined ? null : parseEvents(events),
    environment: flags.deliver ?? null,
    bundleId: null,
  };
  const addresses = readTargets(texts, flags).map((target) => ({ ...target, filter: narrow(target.filter, usual) }));
  const names = addresses.map(({ name }) => name);
  const targets = [...addresses, ...(command === undefined ? [] : [buildExecTarget(command, names, usual)])];
  checkNeeds(flags, addresses.length, targets.length);
  return { targets, warnings: [...checkEvents(usual.events ?? []), ...addresses.flatMap(checkOwn)] };

  function checkOwn(target: (typeof addresses)[number]): readonly string[] {
    const isOwn = target.filter.events !== usual.events;
    return checkTarget(isOwn ? target : { ...target, filter: { ...target.filter, events: null } });
  }
}

function narrow(own: TargetFilter, usual: TargetFilter): TargetFilter {
  return {
    events: own.events ?? usual.events,
    environment: own.environment ?? usual.environment,
    bundleId: own.bundleId,
  };
}

function checkNeeds({ answer, onInvalid }: TargetFlags, addresses: number, targets: number): void {
  if (answer === 'forwarded' && addresses === 0) {
    throw needsTarget("--answer forwarded gives Apple a target's answer, and there is no target");
  }
  if (onInvalid === 'forward' && targets === 0) {
    throw needsTarget('--on-invalid forward needs a target to forward to');
  }
}

function needsTarget(message: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_FORWARD', message, { hint: 'Add --forward-to http://localhost:3000/path.' });
}
