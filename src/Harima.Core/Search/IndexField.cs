using Harima.Search.Text;

namespace Harima.Search;

/// <summary>
/// What the fields of the index are called. A value of the metadata at a path is in up to five of them: <c>k.</c> whole values,
/// <c>t.</c> words, <c>n.</c> numbers as written, <c>s.</c>unit<c>.</c> numbers in SI, <c>d.</c> times.
/// </summary>
static class IndexField
{
    public const string AllText = "text";
    public const string Id = "id";
    public const string Proposal = "proposal";
    public const string Title = "title";
    public const string Beamline = "beamline";
    public const string Owner = "owner";
    public const string OwnerName = "owner.name";
    public const string Status = "status";

    /// <summary>Only "everyone" is written; the truth of the last seconds is asked of the catalogue.</summary>
    public const string Visibility = "visibility";
    public const string Technique = "technique";
    public const string Sample = "sample";
    public const string SampleName = "sample.name";
    public const string Element = "element";
    public const string Keyword = "keyword";
    public const string Tag = "tag";
    public const string Rating = "rating";
    public const string Comment = "comment";
    public const string Date = "date";
    public const string Year = "year";
    public const string Created = "created";
    public const string Closed = "closed";
    public const string Size = "size";
    public const string FileCount = "files";
    public const string File = "file";
    public const string FileType = "type";
    public const string Schema = "schema";
    public const string SchemaVersion = "schema.version";
    public const string Valid = "valid";

    /// <summary>Every path of the metadata that has a value.</summary>
    public const string Path = "path";

    /// <summary>Paths whose numbers have a unit known here, with that unit: see <see cref="KnownPaths"/>.</summary>
    public const string PathUnit = "path.unit";

    /// <summary>The samples a sequence refers to, by id; what these come from is asked of the catalogue.</summary>
    public const string SampleId = "k.sample.id";

    public static string KeywordOf(string path) => "k." + path;

    public static string TextOf(string path) => "t." + path;

    public static string NumberOf(string path) => "n." + path;

    public static string TimeOf(string path) => "d." + path;

    public static string SiOf(string path, string siUnit) => $"s.{siUnit}.{path}";
}

/// <summary>
/// A whole value as a term: folded to be found, and behind a separator as it was written, to be shown. So "XAFS" and "ＸＡＦＳ" are found
/// alike, and a list of values shows what people wrote.
/// </summary>
static class KeywordTerm
{
    const char Separator = '\u0001';
    const int LongestKept = 64;

    // Most values are one of few. As in SeenStrings, a place is read and written whole.
    static readonly Kept?[] Places = new Kept?[1 << 15];

    sealed record Kept(string Value, string Term);

    // Both halves in UTF-8 stay below what the index keeps of a term.
    const int MaxLength = 160;

    public static string Of(string value)
    {
        if (value.Length > LongestKept)
            return Make(value);
        ref var place = ref Places[value.GetHashCode(StringComparison.Ordinal) & (Places.Length - 1)];
        if (place is { } kept && kept.Value == value)
            return kept.Term;
        var made = new Kept(value, Make(value));
        place = made;
        return made.Term;
    }

    static string Make(string value)
    {
        var cut = Cut(value.Trim());
        var folded = Cut(TextFolding.Fold(cut));
        return folded == cut ? folded + Separator : folded + Separator + cut;
    }

    /// <summary>What all terms of this value begin with.</summary>
    public static string PrefixOf(string value) => Cut(TextFolding.Fold(Cut(value.Trim()))) + Separator;

    /// <summary>What all terms begin with whose value begins so.</summary>
    public static string BeginningOf(string value) => Cut(TextFolding.Fold(Cut(value.TrimStart())));

    /// <summary>From <c>*</c> of the language to the pattern of the index.</summary>
    public static string PatternOf(string value)
    {
        var pattern = new System.Text.StringBuilder();
        foreach (var c in TextFolding.Fold(Cut(value.Trim())))
        {
            if (c is '?' or '\\')
                pattern.Append('\\');
            pattern.Append(c);
        }
        return pattern.Append(Separator).Append('*').ToString();
    }

    public static string ValueOf(string term)
    {
        var at = term.IndexOf(Separator, StringComparison.Ordinal);
        return at < 0 ? term
            : at + 1 == term.Length ? term[..at]
            : term[(at + 1)..];
    }

    static string Cut(string value) =>
        value.Length <= MaxLength ? value
        : char.IsHighSurrogate(value[MaxLength - 1]) ? value[..(MaxLength - 1)]
        : value[..MaxLength];
}
