import { useMantineColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { periodWords } from "../ui/time";
import classes from "./sales.module.css";
import type { Sales } from "./salesDocument";

const HEIGHT = 220;

/** A picture of the table below it; the table is what a screen reader gets. */
export function SalesBars({ sales }: { sales: Sales[] }) {
  const { ref, width } = useElementSize();
  const box = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();

  const figures = JSON.stringify(sales);

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew for other figures or colours
  useEffect(() => {
    if (!box.current || width === 0) return;
    const plot = new uPlot(options(width, sales), columns(sales), box.current);
    return () => plot.destroy();
  }, [figures, width, colorScheme]);

  return (
    <div className={`panel ${classes.bars}`} ref={ref} aria-hidden="true">
      <div ref={box} style={{ height: HEIGHT }} />
    </div>
  );
}

/** Pixels need no exact cents: here alone money becomes a number. */
const columns = (sales: Sales[]): uPlot.AlignedData => [
  sales.map((_, index) => index),
  sales.map(({ revenue }) => Number(revenue.amount)),
];

function options(width: number, sales: Sales[]): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--tone-quiet"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
  };
  const compact = new Intl.NumberFormat("en-GB", { notation: "compact" });
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.5, Math.max(sales.length, 6) - 0.5] },
      y: { range: (_, low, high) => [Math.min(low, 0), Math.max(high, 1) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        incrs: [1, 2, 3, 6, 12, 30, 60, 120],
        space: 70,
        values: (_, at) =>
          at.map((index) => (sales[index] ? periodWords(sales[index].period) : "")),
      },
      { ...axis, size: 60, values: (_, at) => at.map((value) => compact.format(value)) },
    ],
    series: [
      {},
      {
        fill: color("--tone-good"),
        stroke: color("--tone-good"),
        width: 0,
        points: { show: false },
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 48], radius: 0.15 }) }),
      },
    ],
  };
}
