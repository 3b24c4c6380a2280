import type { ReactNode } from "react";

export interface Column {
  name: string;
  /** Numbers stand under each other by their last digit. */
  right?: boolean;
}

interface GridProps {
  label: string;
  columns: readonly Column[];
  className?: string | undefined;
  children: ReactNode;
}

/** A plain table in a panel; where it is too wide it scrolls by itself, also by keyboard. */
export const Grid = ({ label, columns, className = "", children }: GridProps) => (
  <div className="panel flush">
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls by focus */}
    <section className="scroll" tabIndex={0} aria-label={label}>
      <table className={`grid ${className}`}>
        <thead>
          <tr>
            {columns.map(({ name, right }) => (
              <th key={name} scope="col" className={right ? "right" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  </div>
);
