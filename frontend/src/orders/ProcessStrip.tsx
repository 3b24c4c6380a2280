import { Glyph, type GlyphName } from "../ui/Glyph";
import { capitalized, codeWords } from "../ui/words";
import classes from "./OrderPage.module.css";
import type { OrderDetails } from "./orderDocuments";

type Step = NonNullable<OrderDetails["process"]>["steps"][number];

const LOOKS: Record<Step["status"], [word: string, glyph: GlyphName, tone: string]> = {
  REQUESTED: ["under way", "clock", "waiting"],
  SUCCEEDED: ["done", "check", "good"],
  FAILED: ["failed", "cross", "bad"],
  COMPENSATED: ["undone", "back", "quiet"],
};

/** How far the placement process is: what it did, and what it undid. */
export const ProcessStrip = ({ order }: { order: OrderDetails }) => (
  <ol className={`panel ${classes.process}`} aria-label="Placement process">
    {order.process?.steps.map((step) => (
      <StepItem key={step.name} step={step} />
    ))}
  </ol>
);

function StepItem({ step }: { step: Step }) {
  const [word, glyph, tone] = LOOKS[step.status];
  return (
    <li data-tone={tone}>
      <Glyph name={glyph} />
      <span>
        {capitalized(codeWords(step.name))}
        <small>
          {word}
          {step.code && ` · ${codeWords(step.code)}`}
          {step.attempts > 1 && ` · attempt ${step.attempts}`}
        </small>
      </span>
    </li>
  );
}
