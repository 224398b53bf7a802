using Harima.Search.Index;

namespace Harima.CatalogueBench;

/// <summary>What the index holds of a sequence: whole values and words of every path, all words together, numbers, and the facets.</summary>
static class Documents
{
    const int Gap = 8;

    public static IndexDocument Of(BenchSequence sequence)
    {
        var terms = new List<IndexTerm>(256);
        var numbers = new List<IndexNumber>(32);
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        void Keyword(string field, string value) => terms.Add(new IndexTerm(field, Whole(value)));
        void Words(string field, List<string> tokens)
        {
            var at = positions.GetValueOrDefault(field);
            foreach (var token in tokens)
                terms.Add(new IndexTerm(field, token, at++));
            positions[field] = at + Gap;
        }
        Keyword("id", sequence.Id);
        var proposal = Facility.ProposalId(sequence.Proposal);
        Keyword("proposal", proposal);
        Keyword("beamline", sequence.Beamline);
        Keyword("owner", sequence.Owner);
        Keyword("status", sequence.State);
        Keyword("technique", sequence.Technique);
        Keyword("type", sequence.FileType);
        Keyword("year", $"{sequence.StartedAt.Year}");
        if (sequence.ForEveryone)
            Keyword("visibility", "everyone");
        foreach (var element in sequence.Elements)
            Keyword("element", element);
        foreach (
            var title in (string[])
                [
                    Facility.ProposalTitle(sequence.Proposal),
                    Facility.ProposalTitleJa(sequence.Proposal),
                    sequence.Id,
                    proposal,
                    sequence.Beamline,
                    sequence.Owner,
                ]
        )
            Words("text", Cut(title));
        var date = (sequence.StartedAt - DateTime.UnixEpoch).TotalSeconds;
        numbers.Add(new IndexNumber("date", date));
        numbers.Add(new IndexNumber("size", sequence.SizeBytes));
        foreach (var value in sequence.Measurement)
            Add(value.Path, value);
        foreach (var value in sequence.Sample)
            Add(Names.Of("sample.", value.Path), value);
        return new IndexDocument(sequence.Row, terms, numbers);

        void Add(string path, Value value)
        {
            Keyword("path", path);
            if (value.Text is not { } text)
            {
                numbers.Add(new IndexNumber(Names.Of("n.", path), value.Number));
                if (value.Unit is { } unit)
                    numbers.Add(new IndexNumber(Names.Of("s.", path), value.Number * Scale(unit)));
                return;
            }
            // A sentence is looked for by its words, not as a whole.
            if (text.Length <= 64)
                Keyword(Names.Of("k.", path), text);
            var tokens = Cut(text);
            Words("text", tokens);
            if (tokens.Count > 1)
                Words(Names.Of("t.", path), tokens);
        }
    }

    static double Scale(string unit) =>
        unit switch
        {
            "keV" => 1.602176634e-16,
            "GeV" => 1.602176634e-10,
            "mA" or "ms" or "mm" => 1e-3,
            "um" => 1e-6,
            "nm" => 1e-9,
            "GPa" => 1e9,
            _ => 1,
        };

    [ThreadStatic]
    static Dictionary<string, string>? _known;

    /// <summary>Words come again and again: each is one string.</summary>
    static string Known(ReadOnlySpan<char> text)
    {
        _known ??= new Dictionary<string, string>(StringComparer.Ordinal);
        var lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out var known))
            return known;
        known = text.ToString();
        if (_known.Count < 200_000)
            _known.Add(known, known);
        return known;
    }

    public static string Whole(string value)
    {
        Span<char> folded = stackalloc char[2 * value.Length + 1];
        var length = value.AsSpan().ToLowerInvariant(folded);
        folded[length++] = '\u0001';
        if (!folded[..(length - 1)].SequenceEqual(value))
        {
            value.CopyTo(folded[length..]);
            length += value.Length;
        }
        return Known(folded[..length]);
    }

    /// <summary>Words of letters and digits; of Japanese every two neighbours.</summary>
    public static List<string> Cut(string text)
    {
        var tokens = new List<string>(8);
        Span<char> folded = text.Length <= 1024 ? stackalloc char[text.Length] : new char[text.Length];
        text.AsSpan().ToLowerInvariant(folded);
        for (var at = 0; at < folded.Length; )
        {
            var end = at;
            if (char.IsAsciiLetterOrDigit(folded[at]))
            {
                while (end < folded.Length && char.IsAsciiLetterOrDigit(folded[end]))
                    end++;
                tokens.Add(Known(folded[at..end]));
            }
            else if (folded[at] >= '\u3041')
            {
                while (end < folded.Length && folded[end] >= '\u3041' && char.IsLetter(folded[end]))
                    end++;
                for (var n = at; n < end; n++)
                    tokens.Add(Known(folded[n..Math.Min(end, n + 2)]));
            }
            at = Math.Max(end, at + 1);
        }
        return tokens;
    }
}

/// <summary>The names of fields, each once.</summary>
static class Names
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, string), string> Known = new();

    public static string Of(string kind, string path) =>
        Known.GetOrAdd((kind, path), static name => name.Item1 + name.Item2);
}
