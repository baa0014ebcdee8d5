import { Component, type ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';

/** What is shown when drawing a screen failed. The records are not touched by that. */
export class ErrorScreen extends Component<{ readonly children: ReactNode }, { readonly message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    return (
      <main style={{ display: 'flex', minHeight: '100dvh' }}>
        <EmptyState
          drawing="lamp"
          title="This screen could not be shown"
          action={
            <Button variant="primary" onPress={() => location.reload()}>
              Reload
            </Button>
          }
        >
          <p>Your records are safe. Reload to go on.</p>
          <p>{this.state.message}</p>
        </EmptyState>
      </main>
    );
  }
}
