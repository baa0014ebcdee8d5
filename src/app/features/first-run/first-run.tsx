import { ChevronRight, FileSpreadsheet, type LucideIcon, PenLine, Smartphone } from 'lucide-react';
import { Link } from 'wouter';
import { classes } from '../../ui/classes.ts';
import styles from './first-run.module.css';
import { TemplateList } from './template-list.tsx';

/** What is seen while the book is empty: one question, and six ways to answer it. */
// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function FirstRun() {
  return (
    <div className={styles.page}>
      <h2 className={styles.title}>What do you want to keep track of?</h2>
      <p className={styles.lead}>
        Start with pages that are already ruled. Samples can be removed with one click, and every field can be changed.
      </p>
      <TemplateList />
      <p className={styles.or}>Or begin with what you have</p>
      <ul className={styles.list} aria-label="Other ways to start">
        <Way to="/import" icon={FileSpreadsheet} name="Import a CSV file" />
        <Way to="/new-type" icon={PenLine} name="Start blank" />
        <Way to="/join" icon={Smartphone} name="I use Daybook on another device" />
      </ul>
      <div className={styles.foot}>
        <p>What you write is kept on this device and works without a network. No account is needed.</p>
      </div>
    </div>
  );
}

function Way({ to, icon: Icon, name }: { readonly to: string; readonly icon: LucideIcon; readonly name: string }) {
  return (
    <li>
      <Link href={to} className={classes(styles.row, styles.slim)}>
        <span className={styles.icon}>
          <Icon aria-hidden size={20} strokeWidth={1.6} />
        </span>
        <span className={styles.words}>
          <span className={styles.name}>{name}</span>
        </span>
        <ChevronRight aria-hidden size={18} className={styles.arrow} />
      </Link>
    </li>
  );
}
