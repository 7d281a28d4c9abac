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

/** Flags of commands that forward notifications. */
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
    .option('-f, --forward-to <target>', 'Forward to [name=]URL (repeatable)', collect)
    .option('-H, --header <header>', 'Add the header "name: value" or "name: env:NAME"', collect)
    .option('--insecure', 'Skip certificate checks for the targets', false)
    .addOption(
      new Option('--forward-timeout <duration>', 'Set the deadline of one delivery')
        .argParser(durationOption)
        .default(FORWARD_TIMEOUT_MS, '10s'),
    )
    .option('--forward-synthetic', 'Also send test notifications to public hosts', false);
}

type Variables = Deps['env'];

/** Parses the values of `--forward-to`. Throws the usage errors of `parseTarget` and `parseHeaders`. */
function readTargets(
  texts: readonly string[],
  { header = [], insecure }: Pick<ForwardFlags, 'header' | 'insecure'>,
  env: Variables,
): readonly HttpTarget[] {
  const headers = parseHeaders(header, env);
  const targets: HttpTarget[] = [];
  for (const text of texts)
    targets.push(parseTarget(text, { headers, insecure, taken: targets.map(({ name }) => name) }));
  return targets;
}

/** Dispatcher per target: the run's own, and a second one without certificate checks; each created on first use. */
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

/** Flags that select the targets: those of `listen`; `replay` passes defaults for flags that it lacks. */
export interface TargetFlags extends Pick<ForwardFlags, 'forwardTo' | 'header' | 'insecure'> {
  readonly exec?: string;
  readonly events?: string;
  readonly deliver?: 'Sandbox' | 'Production';
  readonly answer: 'ack' | 'forwarded';
  readonly onInvalid: 'reject' | 'forward' | 'drop';
}

interface PlannedTargets {
  readonly targets: readonly Target[];
  /** Warnings about unusual targets, to print. */
  readonly warnings: readonly string[];
}

/**
 * Targets in order: the URLs as given, then the program of `--exec`. `--events` and `--deliver` apply to every target that has no such
 * filter of its own. Throws the usage errors of `readTargets` and `parseEvents`, `ERR_USAGE_EXEC` for an empty command, and
 * `ERR_USAGE_FORWARD` when a flag needs a target and none is given.
 */
export function planTargets(flags: TargetFlags, settings: ListenSettings, env: Variables): PlannedTargets {
  const urls = flags.forwardTo ?? settings.targets?.value ?? [];
  const command = flags.exec ?? settings.exec?.value;
  const events = flags.events ?? settings.events?.value.join(',');
  if (command?.trim() === '') {
    throw new ToolError('usage', 'ERR_USAGE_EXEC', '--exec is empty', {
      hint: "For example: --exec './handle.sh'. It receives the document on stdin.",
    });
  }
  const defaultFilter = {
    events: events === undefined ? null : parseEvents(events),
    environment: flags.deliver ?? null,
    bundleId: null,
  };
  const addresses = readTargets(urls, flags, env).map((target) => ({
    ...target,
    filter: withDefaults(target.filter, defaultFilter),
  }));
  const names = addresses.map(({ name }) => name);
  const targets = [...addresses, ...(command === undefined ? [] : [buildExecTarget(command, names, defaultFilter)])];
  checkTargetsGiven(flags, addresses.length, targets.length);
  return { targets, warnings: [...checkEvents(defaultFilter.events ?? []), ...addresses.flatMap(checkAddress)] };

  function checkAddress(target: (typeof addresses)[number]): readonly string[] {
    const hasOwnEvents = target.filter.events !== defaultFilter.events;
    return checkTarget(hasOwnEvents ? target : { ...target, filter: { ...target.filter, events: null } });
  }
}

function withDefaults(own: TargetFilter, defaults: TargetFilter): TargetFilter {
  return {
    events: own.events ?? defaults.events,
    environment: own.environment ?? defaults.environment,
    bundleId: own.bundleId,
  };
}

function checkTargetsGiven({ answer, onInvalid }: TargetFlags, addresses: number, targets: number): void {
  if (answer === 'forwarded' && addresses === 0) {
    throw missingTarget('--answer forwarded needs a target to forward to');
  }
  if (onInvalid === 'forward' && targets === 0) {
    throw missingTarget('--on-invalid forward needs a target to forward to');
  }
}

function missingTarget(message: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_FORWARD', message, { hint: 'Add --forward-to http://localhost:3000/path.' });
}
