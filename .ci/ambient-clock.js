/**
 * The lint rule that oxlint has no words for: a date made from the machine's clock (`new Date()`, `Date()`).
 * JavaScript, since an editor's oxlint loads it with whatever Node there is.
 */

const message = 'This reads the clock of the machine. The clock is passed in.';

/** @param {{ type: string, name?: string }} node */
const isDate = (node) => node.type === 'Identifier' && node.name === 'Date';

const noAmbientClock = {
  /** @param {{ report(problem: { node: unknown, message: string }): void }} context */
  create: (context) => ({
    /** @param {{ callee: { type: string, name?: string }, arguments: unknown[] }} node */
    NewExpression(node) {
      if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, message });
    },
    /**
     * Called without `new`, Date ignores its arguments and answers with the current time as text.
     * @param {{ callee: { type: string, name?: string } }} node
     */
    CallExpression(node) {
      if (isDate(node.callee)) context.report({ node, message });
    },
  }),
};

export default { meta: { name: 'daybook' }, rules: { 'no-ambient-clock': noAmbientClock } };
