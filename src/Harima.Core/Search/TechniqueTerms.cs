using Harima.Metadata;
using Harima.Search.Text;

namespace Harima.Search;

/// <summary>Which techniques a technique includes: XAFS finds XANES and EXAFS, under every name of theirs.</summary>
static class TechniqueTerms
{
    /// <param name="folded">A technique as people write it, folded.</param>
    /// <returns>Itself and the names of what is narrower by PaNET, folded; only itself where PaNET does not know it.</returns>
    public static IReadOnlyList<string> AndNarrower(string folded) =>
        Techniques.Find(folded) is { } known
            ?
            [
                .. Techniques
                    .NamesOf(known.Id)
                    .Select(TextFolding.Fold)
                    .Prepend(folded)
                    .Distinct(StringComparer.Ordinal),
            ]
            : [folded];
}
