/** The names that set-up asks for, and what is missing. */
export interface Names {
  readonly person: string;
  readonly device: string;
}

export const nameProblem = (name: string): string | undefined =>
  name.trim() === '' ? 'A name is needed' : name.trim().length > 100 ? 'At most 100 characters' : undefined;
