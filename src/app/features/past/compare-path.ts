import type { EntityId } from '../../../core/ids.ts';

/** The page of what changed since the moment that is looked at: in one type, or in the whole book. */
export const comparePath = (type: EntityId | null): string => `/compare${type === null ? '' : `?type=${type}`}`;
