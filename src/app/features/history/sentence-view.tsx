import type { Author } from './authors.ts';
import type { Sentence } from './history-sentences.ts';
import styles from './sentence-view.module.css';

/** A sentence of history: who, what, and quietly on which device and when. */
export function SentenceView({
  author,
  sentence,
  when,
  moment,
}: {
  readonly author: Author;
  readonly sentence: Sentence;
  readonly when: string;
  /** The moment in full, for those who rest on it. */
  readonly moment: string;
}) {
  return (
    <p className={styles.sentence}>
      {author.who} <SentenceWords sentence={sentence} />
      <span className={styles.quiet}>
        {author.device !== null && ` · ${author.device}`} · <time title={moment}>{when}</time>
      </span>
    </p>
  );
}

/** What was done, without who and when. */
export function SentenceWords({ sentence }: { readonly sentence: Sentence }) {
  return (
    <>
      {sentence.map((segment, at) => {
        // Segments are parts of one text: their place is who they are.
        const key = `${at} ${segment.kind}`;
        switch (segment.kind) {
          case 'text':
            return <span key={key}>{segment.text}</span>;
          case 'field':
            return (
              <strong key={key} className={styles.field}>
                {segment.text}
              </strong>
            );
          case 'title':
            return (
              <span key={key} className={styles.title}>
                {segment.text === '' ? 'Untitled' : segment.text}
              </span>
            );
          case 'old':
            return (
              <del key={key} className={styles.old}>
                {segment.text}
              </del>
            );
          case 'new':
            return (
              <span key={key} className={styles.new}>
                {segment.text}
              </span>
            );
        }
      })}
    </>
  );
}
