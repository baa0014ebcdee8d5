/** The address that a new device opens: where, and with which one-time code. The code stands behind the #, which browsers send to nobody. */

export interface JoinCode {
  readonly code: string;
  /** Whether it invites somebody new, who has to say a name. */
  readonly forPerson: boolean;
}

const PERSON = 'person:';

/** @param server origin of the server, as `https://book.example` */
export function joinAddress(server: string, { code, forPerson }: JoinCode): string {
  return `${server}/join#${forPerson ? PERSON : ''}${encodeURIComponent(code)}`;
}

/** Reads the fragment of such an address, with or without its #; null when it holds no code. */
export function readJoinFragment(fragment: string): JoinCode | null {
  const bare = fragment.replace(/^#/, '');
  const forPerson = bare.startsWith(PERSON);
  try {
    const code = decodeURIComponent(forPerson ? bare.slice(PERSON.length) : bare).trim();
    return code === '' || code.length > 100 ? null : { code, forPerson };
  } catch {
    return null;
  }
}

/** What was typed or pasted where a code is asked for: the code alone, or the whole address that was meant to be opened. */
export function readTypedCode(typed: string): JoinCode | null {
  const at = typed.indexOf('/join#');
  return readJoinFragment(at < 0 ? typed.trim() : typed.slice(at + '/join'.length));
}
