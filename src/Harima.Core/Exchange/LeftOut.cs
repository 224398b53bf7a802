namespace Harima.Exchange;

/// <summary>Something that a text said and our documents have no place for.</summary>
/// <param name="Subject">Where in the text; empty where it is no place.</param>
/// <param name="Reason">Kebab-case and stable, the key of its translation; null where the place says all: it fits nowhere.</param>
/// <param name="Count">A number that the sentence speaks of.</param>
/// <param name="Sentence">In English.</param>
public sealed record LeftOut(string Subject, string? Reason, int Count, string Sentence)
{
    internal static LeftOut Of(string place) => new(place, null, 0, place);

    internal static LeftOut Of(string place, string reason, string sentence, int count = 0) =>
        new(place, reason, count, place.Length == 0 ? sentence : $"{place}: {sentence}");
}
