/** What stands by a change that the server refused, and by its record. */
export const REFUSED_MARK = 'Refused by the server: only on this device';
