/** What is wrong with a name that set-up asks for; undefined when nothing is. */
export const nameProblem = (name: string): string | undefined =>
  name.trim() === '' ? 'A name is needed' : name.trim().length > 100 ? 'At most 100 characters' : undefined;
