using System.Text.Json;

namespace Harima.Rest;

/// <summary>What was found, as the caller may see it at this moment.</summary>
/// <param name="Text">The question as it was understood, in one spelling; give it back as <c>q</c>.</param>
/// <param name="Query">The same as a tree, for a builder: objects with <c>all</c>, <c>any</c>, <c>not</c>, <c>text</c> or <c>path</c>.</param>
/// <param name="Count">Exact up to 10000; where <paramref name="More"/>, there are more.</param>
/// <param name="Next">To be given back as <c>cursor</c>; null on the last page.</param>
/// <param name="UnknownPaths">Names in the question that no sequence the caller may see has a value for: perhaps misspelt.</param>
/// <param name="State"><c>ready</c>, or <c>building</c> while the index is made: then answers hold what is in it already.</param>
/// <param name="Built">How much of the catalogue is in the index, 0 to 1.</param>
public sealed record SearchResultDto(
    string Text,
    JsonElement Query,
    long Count,
    bool More,
    IReadOnlyList<SearchHitDto> Items,
    string? Next,
    IReadOnlyList<FacetDto> Facets,
    IReadOnlyList<HistogramDto> Histograms,
    IReadOnlyList<string> UnknownPaths,
    string State,
    double Built
);

/// <param name="Columns">What was asked for as <c>columns</c>, by that name; several values with a comma, numbers with their unit.</param>
public sealed record SearchHitDto(
    SequenceDto Sequence,
    string ProposalTitle,
    string ProposalTitleJa,
    IReadOnlyDictionary<string, string?> Columns
);

/// <summary>The most frequent values of a field among what was found, at most 30.</summary>
public sealed record FacetDto(string Field, IReadOnlyList<FacetValueDto> Values);

/// <param name="Label">A name or title for an id; null where there is none.</param>
/// <param name="LabelJa">The same in Japanese; null where there is none.</param>
public sealed record FacetValueDto(string Value, string? Label, long Count, bool More, string? LabelJa = null);

/// <summary><c>counts[n]</c> sequences' numbers lie from <c>edges[n]</c> up to <c>edges[n+1]</c>.</summary>
/// <param name="Unit">Of the edges; <c>time</c> for seconds since 1970, empty for plain numbers.</param>
public sealed record HistogramDto(string Field, string Unit, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts);

/// <summary>A question with everything that is asked of it; what is left out is as in <c>GET /search</c>.</summary>
/// <param name="Q">As text; or:</param>
/// <param name="Query">As a tree. Where both are given, the tree counts.</param>
public sealed record SearchRequestDto(
    string? Q = null,
    JsonElement? Query = null,
    string? Sort = null,
    bool? Descending = null,
    string? Cursor = null,
    int? Limit = null,
    IReadOnlyList<string>? Facets = null,
    IReadOnlyList<string>? Histograms = null,
    IReadOnlyList<string>? Columns = null
);

/// <summary>A question in both forms, which turn into each other without loss.</summary>
public sealed record SearchQueryDto(string Text, JsonElement Query);

/// <param name="Kind"><c>keyword</c>, <c>text</c>, <c>time</c>, <c>bytes</c>, <c>count</c>, <c>quantity</c>, <c>element</c> or <c>file</c>.</param>
/// <param name="Aliases">Other names of it, in both languages.</param>
/// <param name="Unit">What a number without unit is in.</param>
/// <param name="Facet">Whether <c>facets</c> takes it.</param>
public sealed record SearchFieldDto(string Name, string Kind, IReadOnlyList<string> Aliases, string? Unit, bool Facet);

/// <param name="IsShort">A short name of the language, else a path of the metadata.</param>
public sealed record PathCompletionDto(string Path, bool IsShort, string? Unit);

/// <param name="XUnit">As the unit of a histogram.</param>
/// <param name="Sample">There are more; these are evenly taken from all.</param>
public sealed record PlotDto(string XUnit, string YUnit, IReadOnlyList<PlotPointDto> Points, bool Sample);

public sealed record PlotPointDto(string ProposalId, string Id, double X, double Y);

/// <param name="Q">The question as text.</param>
/// <param name="View"><c>table</c> (unless said otherwise), <c>cards</c>, <c>plot</c> or <c>elements</c>.</param>
/// <param name="Notify"><c>none</c> (unless said otherwise), <c>bell</c>, <c>mail</c> or <c>webhook</c>: how the owner is told of what is new.</param>
/// <param name="Target">The address of the webhook.</param>
/// <param name="Paused">Keeps how the owner is told, and tells nothing for now.</param>
/// <param name="Plot">What is plotted, for the view <c>plot</c>.</param>
public sealed record SaveSearchDto(
    string Title,
    string Q,
    string? Sort = null,
    bool? Descending = null,
    IReadOnlyList<string>? Columns = null,
    string? View = null,
    string? Notify = null,
    string? Target = null,
    bool Paused = false,
    PlotAxesDto? Plot = null
);

/// <summary>What a saved plot shows across and up; null for what suits.</summary>
/// <param name="X">A number: a short name or a path of the metadata.</param>
/// <param name="Log">The logarithmic axes: <c>x</c>, <c>y</c> or <c>xy</c>; null for none.</param>
public sealed record PlotAxesDto(string? X = null, string? Y = null, string? Log = null);

/// <param name="Id">Whoever has it may read the question, and sees of its answer what they may see.</param>
/// <param name="Target">Shown to the owner only, as is <paramref name="Notify"/>.</param>
/// <param name="Secret">With which messages of a new webhook are signed (<c>X-Harima-Signature: sha256=…</c>, HMAC of the body); shown once.</param>
public sealed record SavedSearchDto(
    string Id,
    string Owner,
    string Title,
    string Q,
    string Sort,
    bool Descending,
    IReadOnlyList<string> Columns,
    string View,
    string Notify,
    string? Target,
    string? Secret,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    bool Paused = false,
    PlotAxesDto? Plot = null
);

/// <summary>A message about a saved search, or a test of one.</summary>
/// <param name="Notify"><c>bell</c>, <c>mail</c> or <c>webhook</c>.</param>
/// <param name="Count">How many sequences it tells of.</param>
/// <param name="Problem">
/// Why the last attempt failed, null where it arrived: <c>http-500</c>, <c>no-connection</c>, <c>timeout</c>, <c>address</c>, <c>mail-server</c>,
/// <c>no-mail-address</c> or <c>other</c>.
/// </param>
public sealed record SearchDeliveryDto(
    DateTimeOffset At,
    bool Test,
    string Notify,
    long Count,
    long Attempts,
    string? Problem
);

/// <summary>Columns of a table of results, under a name.</summary>
/// <param name="Columns">Short names or paths of the metadata, from left to right.</param>
public sealed record ColumnSetDto(string Title, IReadOnlyList<string> Columns);

/// <param name="Columns">At most 40.</param>
public sealed record PutColumnSetDto(IReadOnlyList<string> Columns);

/// <param name="Relation"><c>sameSample</c>, <c>derived</c>, <c>similarConditions</c> or <c>sameProposal</c>.</param>
/// <param name="Count">How many there are; where <paramref name="More"/>, more than that.</param>
public sealed record RelatedDto(string Relation, long Count, bool More, IReadOnlyList<SequenceDto> Items);

/// <summary>How the search index of the replica that answered stands.</summary>
/// <param name="State"><c>starting</c>, <c>building</c> or <c>ready</c>.</param>
/// <param name="UpToAt">Everything that was committed before is in it.</param>
/// <param name="Problem">The last thing that went wrong, while it does.</param>
public sealed record SearchStateDto(
    string Replica,
    string State,
    double Built,
    long Documents,
    DateTimeOffset? UpToAt,
    string? Problem
);
