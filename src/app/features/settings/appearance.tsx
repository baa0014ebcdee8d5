import { Monitor, Moon, Rows3, Rows4, Sun } from 'lucide-react';
import { Segmented } from '../../ui/segmented.tsx';
import { useValue } from '../../use-client.tsx';
import { changePreferences, preferences } from './preferences.ts';
import styles from './settings.module.css';

const THEMES = [
  { id: 'system', label: 'As the system', icon: <Monitor aria-hidden /> },
  { id: 'light', label: 'Light', icon: <Sun aria-hidden /> },
  { id: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
] as const;

const DENSITIES = [
  { id: 'regular', label: 'Regular', icon: <Rows3 aria-hidden /> },
  { id: 'compact', label: 'Compact', icon: <Rows4 aria-hidden /> },
] as const;

export function Appearance() {
  const { theme, density } = useValue(preferences);
  return (
    <div className={styles.choices}>
      <span>Colours</span>
      <Segmented
        label="Colours"
        segments={THEMES}
        value={theme}
        onChange={(id) => void changePreferences({ theme: id })}
      />
      <span>Rows of tables</span>
      <Segmented
        label="Rows of tables"
        segments={DENSITIES}
        value={density}
        onChange={(id) => void changePreferences({ density: id })}
      />
    </div>
  );
}
