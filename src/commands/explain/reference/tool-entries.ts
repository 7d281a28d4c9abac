import { AUDIT_FORGERIES } from '../../../audit/forgeries/forgeries.js';
import { HTTP_TITLES } from '../../../endpoint-check/http/titles.js';
import { TLS_TITLES } from '../../../endpoint-check/tls/titles.js';
import { capitalise, type Indexed } from './entry.js';

/** Steps of `check`, by their id: `http.wall`. */
export function indexSteps(): readonly Indexed[] {
  return Object.entries({ ...TLS_TITLES, ...HTTP_TITLES }).map(([id, title]) => {
    const group = id.slice(0, id.indexOf('.'));
    const meaning = `A step of storewire check. To run its group alone: storewire check URL --only ${group}`;
    return { entry: { chapter: 'checks', term: id, title: capitalise(title), meaning, reasons: [] }, names: [id] };
  });
}

/** Forgeries of `audit`, by their id: `forged.self-made-chain`. */
export function indexForgeries(): readonly Indexed[] {
  return AUDIT_FORGERIES.map(({ id, title, fix }) => {
    const meaning = `A forgery of storewire audit. ${fix}`;
    return { entry: { chapter: 'checks', term: id, title: capitalise(title), meaning, reasons: [] }, names: [id] };
  });
}
