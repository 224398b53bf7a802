using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Exchange;
using Harima.Faults;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>The fields of a dataset that a client may send, and what they must be.</summary>
static class DatasetFields
{
    enum Kind
    {
        Text,
        Texts,
        Time,
        Number,
        Bool,
        Object,
        Objects,
    }

    /// <summary>Who looks after what was said.</summary>
    enum Kept
    {
        /// <summary>It is kept as it was given, and given back so.</summary>
        AsGiven,

        /// <summary>It is written where Harima has it: metadata, keywords, samples, visibility.</summary>
        InCatalogue,

        /// <summary>The server knows it better; what a client says is passed over.</summary>
        Nowhere,
    }

    sealed record Field(Kind Kind, Kept Kept = Kept.AsGiven, SciCatVersion? Only = null);

    static readonly Dictionary<string, Field> All = new(StringComparer.Ordinal)
    {
        ["pid"] = new(Kind.Text, Kept.InCatalogue),
        ["type"] = new(Kind.Text),
        ["owner"] = new(Kind.Text),
        ["ownerEmail"] = new(Kind.Text),
        ["orcidOfOwner"] = new(Kind.Text),
        ["ownerGroup"] = new(Kind.Text, Kept.InCatalogue),
        ["accessGroups"] = new(Kind.Texts, Kept.Nowhere),
        ["sharedWith"] = new(Kind.Texts, Kept.Nowhere),
        ["instrumentGroup"] = new(Kind.Text, Kept.Nowhere),
        ["contactEmail"] = new(Kind.Text),
        ["sourceFolder"] = new(Kind.Text),
        ["sourceFolderHost"] = new(Kind.Text),
        ["size"] = new(Kind.Number, Kept.Nowhere),
        ["packedSize"] = new(Kind.Number, Kept.Nowhere),
        ["numberOfFiles"] = new(Kind.Number, Kept.Nowhere),
        ["numberOfFilesArchived"] = new(Kind.Number, Kept.Nowhere),
        ["creationTime"] = new(Kind.Time),
        ["startTime"] = new(Kind.Time),
        ["endTime"] = new(Kind.Time),
        ["creationLocation"] = new(Kind.Text),
        ["dataFormat"] = new(Kind.Text),
        ["runNumber"] = new(Kind.Text),
        ["validationStatus"] = new(Kind.Text),
        ["classification"] = new(Kind.Text),
        ["license"] = new(Kind.Text),
        ["version"] = new(Kind.Text),
        ["comment"] = new(Kind.Text),
        ["dataQualityMetrics"] = new(Kind.Number),
        ["keywords"] = new(Kind.Texts, Kept.InCatalogue),
        ["description"] = new(Kind.Text, Kept.InCatalogue),
        ["datasetName"] = new(Kind.Text, Kept.InCatalogue),
        ["isPublished"] = new(Kind.Bool, Kept.InCatalogue),
        ["scientificMetadata"] = new(Kind.Object, Kept.InCatalogue),
        ["scientificMetadataSchema"] = new(Kind.Text),
        ["scientificMetadataValid"] = new(Kind.Bool, Kept.Nowhere),
        ["techniques"] = new(Kind.Objects),
        ["relationships"] = new(Kind.Objects),
        ["inputDatasets"] = new(Kind.Texts),
        ["usedSoftware"] = new(Kind.Texts),
        ["jobParameters"] = new(Kind.Object),
        ["jobLogData"] = new(Kind.Text),
        ["history"] = new(Kind.Objects, Kept.Nowhere),
        ["datasetlifecycle"] = new(Kind.Object),
        ["principalInvestigators"] = new(Kind.Texts, Only: SciCatVersion.V4),
        ["proposalIds"] = new(Kind.Texts, Kept.InCatalogue, SciCatVersion.V4),
        ["sampleIds"] = new(Kind.Texts, Kept.InCatalogue, SciCatVersion.V4),
        ["instrumentIds"] = new(Kind.Texts, Kept.InCatalogue, SciCatVersion.V4),
        ["principalInvestigator"] = new(Kind.Text, Only: SciCatVersion.V3),
        ["investigator"] = new(Kind.Text, Only: SciCatVersion.V3),
        ["proposalId"] = new(Kind.Text, Kept.InCatalogue, SciCatVersion.V3),
        ["sampleId"] = new(Kind.Text, Kept.InCatalogue, SciCatVersion.V3),
        ["instrumentId"] = new(Kind.Text, Kept.InCatalogue, SciCatVersion.V3),
    };

    const int MaxText = 10_000;
    const int MaxList = 1_000;

    static readonly string[] Required = ["contactEmail", "creationTime", "owner", "ownerGroup", "sourceFolder", "type"];

    /// <summary>What is wrong with a body that makes a dataset; null for nothing.</summary>
    public static string? ProblemOfNew(JsonObject body, SciCatVersion version)
    {
        var problems = Problems(body, version).ToList();
        IEnumerable<string> required = version == SciCatVersion.V4 ? [.. Required, "datasetName"] : Required;
        if (version == SciCatVersion.V3)
        {
            var type = TextOf(body, "type");
            if (type is not null and not ("raw" or "derived"))
                problems.Add("type must be one of the following values: raw, derived");
            required = type switch
            {
                "raw" => [.. required, "creationLocation", "principalInvestigator"],
                "derived" => [.. required, "investigator", "inputDatasets", "usedSoftware"],
                _ => required,
            };
        }
        problems.AddRange(
            required
                .Where(name => body[name] is null || body[name]!.ToString().Length == 0)
                .Select(name => $"{name} should not be empty")
        );
        return problems.Count == 0 ? null : string.Join(", ", problems);
    }

    /// <exception cref="FaultException">Invalid for a field that is none, or is of another kind.</exception>
    public static void RequireChange(JsonObject body, SciCatVersion version)
    {
        if (Problems(body, version).ToList() is { Count: > 0 } problems)
            throw SciCatFault.Body(string.Join(", ", problems));
    }

    /// <summary>What is kept as it was given.</summary>
    public static JsonObject KeptAsGiven(JsonObject body)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in body)
        {
            if (value is null || All.GetValueOrDefault(name) is not { Kept: Kept.AsGiven } field)
                continue;
            // Nothing said is nothing kept: what the sequence itself says then stands there.
            if (value.GetValueKind() == JsonValueKind.String && TextOf(body, name) is null)
                continue;
            kept[name] =
                field.Kind == Kind.Time && MongoValues.TryTime(value.GetValue<string>(), out var at)
                    ? SciCatFormat.TextOf(at)
                    : value.DeepClone();
        }
        return kept;
    }

    public static string? TextOf(JsonObject body, string name) =>
        body[name]?.GetValueKind() == JsonValueKind.String
        && body[name]!.GetValue<string>() is var text
        && !string.IsNullOrWhiteSpace(text)
            ? text
            : null;

    public static IReadOnlyList<string>? TextsOf(JsonObject body, string name) =>
        body[name] is JsonArray list ? [.. list.Select(item => item!.GetValue<string>())] : null;

    static IEnumerable<string> Problems(JsonObject body, SciCatVersion version)
    {
        foreach (var (name, value) in body)
        {
            if (!All.TryGetValue(name, out var field) || (field.Only is { } only && only != version))
                yield return $"property {name} should not exist";
            else if (value is not null && !Fits(field.Kind, value))
                yield return $"{name} must be {WordsOf(field.Kind)}";
        }
        if (TextOf(body, "type") is { Length: > 40 })
            yield return "type must have at most 40 characters";
    }

    static bool Fits(Kind kind, JsonNode value)
    {
        var found = value.GetValueKind();
        return kind switch
        {
            Kind.Text => found == JsonValueKind.String && value.GetValue<string>().Length <= MaxText,
            Kind.Time => found == JsonValueKind.String && MongoValues.TryTime(value.GetValue<string>(), out _),
            Kind.Number => found == JsonValueKind.Number,
            Kind.Bool => found is JsonValueKind.True or JsonValueKind.False,
            Kind.Object => found == JsonValueKind.Object,
            Kind.Texts => value is JsonArray list
                && list.Count <= MaxList
                && list.All(item =>
                    item?.GetValueKind() == JsonValueKind.String && item.GetValue<string>().Length <= MaxText
                ),
            _ => value is JsonArray objects && objects.Count <= MaxList && objects.All(item => item is JsonObject),
        };
    }

    static string WordsOf(Kind kind) =>
        kind switch
        {
            Kind.Text => $"a string of at most {MaxText} characters",
            Kind.Texts => "a list of strings",
            Kind.Time => "a valid ISO 8601 date string",
            Kind.Number => "a number",
            Kind.Bool => "a boolean value",
            Kind.Object => "an object",
            _ => "a list of objects",
        };
}
