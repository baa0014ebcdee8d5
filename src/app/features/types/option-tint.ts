/** Tints for options that nobody chose a colour for. */

const GREY = 0;

/** Words whose colour people know, by tint: green, amber, vermilion, blue. */
const KNOWN: readonly (readonly [tint: number, words: RegExp])[] = [
  [3, /^(fail(ed)?|rejected|critical|overdue|late|lost|error|urgent|blocked|high|broken|unpaid|refused)$/],
  [2, /^(in progress|in work|doing|waiting|pending|major|medium|on hold|review|warning|started|partly)$/],
  [1, /^(done|pass(ed)?|ok|okay|complete[d]?|closed|paid|active|good|approved|accepted|yes|resolved|finished)$/],
  [4, /^(plan(ned)?|new|open|to ?do|scheduled|draft|proposed)$/],
];

/** The tint that an option's name suggests: that of words such as “Passed” or “Overdue”, else grey. */
export function tintOfWord(name: string): number {
  const word = name.trim().toLowerCase().replaceAll(/[_-]+/g, ' ');
  return KNOWN.find(([, words]) => words.test(word))?.[0] ?? GREY;
}

/** Quiet tints that carry no judgement, for options in a list that a person makes. */
const CYCLE = [4, 5, 7, 6, 2, 0];

/** A tint for the option at `index` of a list: that of its word, else one that sets it off from its neighbours. */
export function tintInList(name: string, index: number): number {
  return tintOfWord(name) || CYCLE[index % CYCLE.length]!;
}
