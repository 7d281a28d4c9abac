import { ToolError } from '../../errors.js';
import { checkEvents, parseEvents } from '../../listener/forward/events.js';
import { buildExecTarget, checkTarget } from '../../listener/forward/parse-target.js';
import type { Target, TargetFilter } from '../../listener/forward/target.js';
import type { ListenSettings } from '../../settings/resolve.js';
import { readTargets } from '../forward/targets.js';
import type { ListenFlags } from './flags.js';

type TargetFlags = Pick<
  ListenFlags,
  'forwardTo' | 'header' | 'insecure' | 'exec' | 'events' | 'deliver' | 'answer' | 'onInvalid'
>;

export interface PlannedTargets {
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
