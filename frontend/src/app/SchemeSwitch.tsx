import { ActionIcon, type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { Glyph, type GlyphName } from "../ui/Glyph";

const NEXT: Record<MantineColorScheme, MantineColorScheme> = {
  auto: "light",
  light: "dark",
  dark: "auto",
};

const GLYPH: Record<MantineColorScheme, GlyphName> = { auto: "half", light: "sun", dark: "moon" };

export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = `Colours: ${colorScheme}. Change to ${NEXT[colorScheme]}.`;
  return (
    <ActionIcon
      variant="default"
      aria-label={name}
      title={name}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Glyph name={GLYPH[colorScheme]} size={16} />
    </ActionIcon>
  );
}
