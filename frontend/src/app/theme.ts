import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const pine: MantineColorsTuple = [
  "#eef8f6",
  "#d9efeb",
  "#b0ded6",
  "#83ccbf",
  "#5dbcac",
  "#3fa997",
  "#2b9483",
  "#177c6c",
  "#0f6d5f",
  "#085448",
];

export const theme = createTheme({
  colors: { pine },
  primaryColor: "pine",
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: "md",
  fontFamily: "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace",
  headings: { fontWeight: "600" },
  respectReducedMotion: true,
});

/** Mantine's dimmed grey and links miss AA contrast on tinted grounds; these keep it in both schemes. */
export const cssVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": colors.gray[7],
    "--mantine-color-placeholder": colors.gray[6],
    "--mantine-color-anchor": pine[8],
    "--mantine-color-body": "#ffffff",
  },
  dark: {
    "--mantine-color-dimmed": colors.dark[1],
    "--mantine-color-placeholder": colors.dark[2],
    "--mantine-color-anchor": pine[3],
    "--mantine-color-body": "#15191b",
  },
});
