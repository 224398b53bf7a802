using Harima.Catalogue;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Search.Index;
using Harima.Search.Query;
using Harima.Search.Text;

namespace Harima.Search.Feed;

/// <summary>A sequence as the catalogue has it, with all that is searched of it.</summary>
sealed class CataloguedSequence
{
    public long Row { get; init; }
    public required string ProposalId { get; init; }
    public required string Id { get; init; }
    public required string BeamlineId { get; init; }
    public required string State { get; init; }
    public required string Owner { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public long SizeBytes { get; init; }
    public long FileCount { get; init; }
    public required string Title { get; init; }
    public required string TitleJa { get; init; }
    public string? OwnerName { get; init; }
    public bool ForEveryone { get; init; }

    /// <summary>Its documents, at most one of each kind; one that is missing but follows a schema is empty.</summary>
    public List<CataloguedDocument> Metadata { get; } = [];
    public List<(LabelKind Kind, string Label)> Labels { get; } = [];

    /// <summary>What each who rated it gave.</summary>
    public List<long> Stars { get; } = [];

    /// <summary>What people said about it. Whoever may read the sequence may read them.</summary>
    public List<string> Comments { get; } = [];

    /// <summary>The samples it refers to. Whoever may read the sequence may read them.</summary>
    public List<(string Id, string Json)> Samples { get; } = [];

    /// <summary>Everything that its documents and samples say.</summary>
    public IEnumerable<MetadataValue> Values() =>
        Metadata
            .SelectMany(document =>
                MetadataValues.Of(document.Kind, document.Json, document.Schema is { } schema ? schema.UnitOf : null)
            )
            .Concat(Samples.SelectMany(sample => ValuesOf(sample.Id, sample.Json)));

    static IEnumerable<MetadataValue> ValuesOf(string id, string json)
    {
        yield return new MetadataValue("sample.id", id, null, null, null, null);
        foreach (var value in MetadataValues.Of(MetadataKind.Sample, json))
        {
            yield return value;
            // Most documents have one name, a sample of its own has a list of them: asked for alike.
            if (value.Path == "sample.names")
                yield return value with
                {
                    Path = IndexField.SampleName,
                };
        }
    }

    /// <summary>Paths within the sequence; of very many, the first.</summary>
    public List<string> Files { get; } = [];
}

/// <param name="Schema">That it follows; null for none.</param>
sealed record CataloguedDocument(MetadataKind Kind, string Json, FollowedSchema? Schema);

/// <summary>Makes of a sequence what the index keeps: the one place that says what is found by what.</summary>
sealed class SequenceDocument
{
    // A phrase must not join the end of one value with the beginning of the next.
    const int Gap = 8;

    // Words of file names that are found without "file:"; a scan of thousands of frames says the same again and again.
    const int FileNamesAsText = 100;

    readonly CataloguedSequence _sequence;
    readonly List<IndexTerm> _terms = new(768);
    readonly List<IndexNumber> _numbers = new(64);
    readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    readonly HashSet<string> _elements = new(StringComparer.Ordinal);
    readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    readonly HashSet<string> _units = new(StringComparer.Ordinal);
    DateTimeOffset? _measuredAt;

    readonly FacilityClock _clock;

    SequenceDocument(CataloguedSequence sequence, FacilityClock clock) => (_sequence, _clock) = (sequence, clock);

    public static IndexDocument Of(CataloguedSequence sequence, KnownPaths paths, FacilityClock clock)
    {
        var document = new SequenceDocument(sequence, clock);
        document.AddOwn();
        foreach (var value in sequence.Values())
            document.AddValue(value);
        document.AddStanding();
        document.AddAnnotations();
        document.AddFiles();
        document.AddGathered(paths);
        return new IndexDocument(sequence.Row, document._terms, document._numbers);
    }

    void AddOwn()
    {
        var sequence = _sequence;
        Keyword(IndexField.Id, sequence.Id);
        Keyword(IndexField.Proposal, sequence.ProposalId);
        Keyword(IndexField.Beamline, sequence.BeamlineId);
        Keyword(IndexField.Owner, sequence.Owner);
        Keyword(IndexField.Status, sequence.State);
        if (sequence.ForEveryone)
            Keyword(IndexField.Visibility, "everyone");
        Number(IndexField.Created, QueryPlan.Seconds(sequence.CreatedAt));
        if (sequence.ClosedAt is { } closed)
            Number(IndexField.Closed, QueryPlan.Seconds(closed));
        Number(IndexField.Size, sequence.SizeBytes);
        Number(IndexField.FileCount, sequence.FileCount);
        foreach (var title in new[] { sequence.Title, sequence.TitleJa })
        {
            Words(IndexField.Title, title);
            Words(IndexField.AllText, title);
        }
        if (sequence.OwnerName is { } name)
        {
            Words(IndexField.OwnerName, name);
            Words(IndexField.AllText, name);
        }
        foreach (var id in new[] { sequence.Id, sequence.ProposalId, sequence.BeamlineId, sequence.Owner })
            Words(IndexField.AllText, id);
    }

    void AddValue(MetadataValue value)
    {
        if (value.Path.Length is 0 or > 200)
            return;
        var path = IndexedPath.Of(value.Path);
        _paths.Add(path.Path);
        if (value.Number is { } number)
        {
            Number(path.Number, number);
            if (value is { SiNumber: { } si, SiUnit: { } unit })
            {
                Number(path.Si(unit), si);
                _units.Add(path.WithUnit(unit, value.Unit!));
                foreach (var field in path.Quantities)
                {
                    if (field.SiUnit == unit)
                        Number(field.Index, si);
                }
            }
        }
        if (value.Text is { } text)
            AddText(path, text);
    }

    void AddText(IndexedPath path, string text)
    {
        Keyword(path.Keyword, text);
        if (LooksLikeTime(text) && QueryDates.TryParse(text, withYear: false, _clock, out var span))
        {
            Number(path.Time, QueryPlan.Seconds(span.From));
            if (path.Says(Meaning.Date) && (_measuredAt is null || span.From < _measuredAt))
                _measuredAt = span.From;
            return;
        }
        var tokens = TextTokens.Cut(text);
        Words(IndexField.AllText, tokens);
        // One token alone is the whole value, and found as that.
        if (tokens.Count > 1)
            Words(path.Text, tokens);
        if (path.Says(Meaning.Sample))
            Words(IndexField.Sample, tokens);
        if (path.Meaning is not (Meaning.None or Meaning.Sample))
            AddMeaning(path, text);
    }

    void AddMeaning(IndexedPath path, string text)
    {
        if (path.Says(Meaning.Formula))
            _elements.UnionWith(
                ChemicalFormula.ElementsOf(text) is { Count: > 0 } elements
                    ? elements
                    : ChemicalFormula.ElementsNamedIn(text)
            );
        else if (path.Says(Meaning.Edge) && ChemicalFormula.ElementOfEdge(text) is { } absorber)
            _elements.Add(absorber);
        else if (path.Says(Meaning.Element) && Elements.Find(text) is { } element)
            _elements.Add(element.Symbol);
        else if (path.Says(Meaning.SampleName))
            _elements.UnionWith(ChemicalFormula.ElementsNamedIn(text));
        if (path.Says(Meaning.Technique))
            Keyword(IndexField.Technique, text);
        var label =
            path.Says(Meaning.Keyword) ? IndexField.Keyword
            : path.Says(Meaning.Tag) ? IndexField.Tag
            : null;
        if (label is null)
            return;
        foreach (var each in text.Split([',', '、', ';'], StringSplitOptions.RemoveEmptyEntries))
            Keyword(label, each);
    }

    /// <summary>Which schemas its documents follow; valid where all that follow one do so in everything.</summary>
    void AddStanding()
    {
        bool? isValid = null;
        foreach (var document in _sequence.Metadata)
        {
            if (document.Schema is not { } schema)
                continue;
            Keyword(IndexField.Schema, schema.Id);
            Keyword(IndexField.SchemaVersion, schema.Name);
            isValid = isValid != false && schema.Allows(document.Json);
        }
        if (isValid is { } valid)
            Keyword(IndexField.Valid, valid ? "yes" : "no");
    }

    void AddAnnotations()
    {
        foreach (var (kind, label) in _sequence.Labels)
        {
            Keyword(kind == LabelKind.Tag ? IndexField.Tag : IndexField.Keyword, label);
            Words(IndexField.AllText, label);
        }
        // Only where comments are asked for: talk about a sequence is not what it is.
        foreach (var comment in _sequence.Comments)
            Words(IndexField.Comment, comment);
        if (_sequence.Stars.Count > 0)
            Number(IndexField.Rating, _sequence.Stars.Average());
    }

    void AddFiles()
    {
        var types = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in _sequence.Files)
        {
            var name = path[(path.LastIndexOf('/') + 1)..];
            Keyword(IndexField.File, path);
            if (name.Length != path.Length)
                Keyword(IndexField.File, name);
            var point = name.LastIndexOf('.');
            if (point > 0 && name.Length - point is > 1 and <= 16)
                types.Add(name[(point + 1)..].ToLowerInvariant());
            if (names.Count < FileNamesAsText && names.Add(name))
                Words(IndexField.AllText, name);
        }
        foreach (var type in types)
            Keyword(IndexField.FileType, type);
    }

    void AddGathered(KnownPaths paths)
    {
        foreach (var element in _elements)
            Keyword(IndexField.Element, element);
        foreach (var path in _paths)
        {
            paths.Add(path);
            Keyword(IndexField.Path, path);
        }
        foreach (var unit in _units)
        {
            paths.AddUnit(unit);
            _terms.Add(new IndexTerm(IndexField.PathUnit, unit));
        }
        var measuredAt = _measuredAt ?? _sequence.CreatedAt;
        Number(IndexField.Date, QueryPlan.Seconds(measuredAt));
        Keyword(
            IndexField.Year,
            _clock.Of(measuredAt).Year.ToString("0000", System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    static bool LooksLikeTime(string text) =>
        text.Length is >= 6 and <= 40 && char.IsDigit(text[0]) && text.AsSpan().ContainsAny('-', '/', '年');

    void Keyword(string field, string value)
    {
        if (!string.IsNullOrWhiteSpace(value))
            _terms.Add(new IndexTerm(field, KeywordTerm.Of(value)));
    }

    // 1e999 is a number of JSON and none of a double.
    void Number(string field, double number)
    {
        if (double.IsFinite(number))
            _numbers.Add(new IndexNumber(field, number));
    }

    void Words(string field, string text) => Words(field, TextTokens.Cut(text));

    void Words(string field, IReadOnlyList<TextToken> tokens)
    {
        if (tokens.Count == 0)
            return;
        var start = _positions.GetValueOrDefault(field);
        foreach (var token in tokens)
            _terms.Add(new IndexTerm(field, token.Text, start + token.Position));
        _positions[field] = start + tokens[^1].Position + Gap;
    }
}
