import { AUDIT_IDS } from './audit-ids.js';
import { STEP_MEANINGS, STEP_TITLES } from './check-steps.js';
import { capitalise, type Indexed } from './entry.js';
import { ERROR_CODES } from './error-codes.js';

/** Steps of `check`, by their id: `http.wall`. */
export function indexSteps(): readonly Indexed[] {
  return (Object.keys(STEP_TITLES) as (keyof typeof STEP_TITLES)[]).map((id) => {
    const group = id.slice(0, id.indexOf('.'));
    const meaning = `${STEP_MEANINGS[id]} A step of storewire check; to run its group alone, add --only ${group}.`;
    const named = { term: id, title: capitalise(STEP_TITLES[id]), meaning, link: null };
    return { entry: { chapter: 'checks', ...named, of: 'check', reasons: [] }, names: [id] };
  });
}

/** Controls, forgeries and observations of `audit`, by their id: `forged.self-made-chain`. */
export function indexAudit(): readonly Indexed[] {
  return AUDIT_IDS.map(({ id, title, meaning, also = [] }) => {
    const named = { term: id, title: capitalise(title), meaning, link: null };
    return { entry: { chapter: 'checks', ...named, of: 'audit', reasons: [] }, names: [id, ...also] };
  });
}

/** Error codes of storewire, by area. */
export function indexCodes(): readonly Indexed[] {
  return ERROR_CODES.map(({ code, area, exits, meaning, next }) => {
    const entry = { chapter: 'codes', term: code, title: meaning.replace(/\.$/, ''), meaning: '', area } as const;
    return { entry: { ...entry, exits, hint: next, link: null }, names: [code] };
  });
}
