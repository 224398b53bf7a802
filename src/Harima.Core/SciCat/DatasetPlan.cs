using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

enum ColumnKind
{
    Text,
    Time,
    Number,
    Bool,
}

/// <param name="Sql">Never null; over <c>s</c> (sequence), <c>p</c> (proposal) and <c>c</c> (scicat_dataset).</param>
sealed record DatasetColumn(string Sql, ColumnKind Kind)
{
    /// <summary>Its first characters, where an index has only those of it; what is equal in all is equal in these.</summary>
    public int? IndexedCharacters { get; init; }

    public string Order(bool descending) =>
        (IndexedCharacters is { } count ? $"{Beginning(Sql, count)} {Direction(descending)}, " : "")
        + $"{Sql} {Direction(descending)}";

    public static string Beginning(string sql, int count) => FormattableString.Invariant($"substr({sql}, 1, {count})");

    static string Direction(bool descending) => descending ? "DESC" : "ASC";
}

/// <summary>The part of a <c>where</c> that the catalogue's own columns answer.</summary>
sealed class DatasetPlan
{
    static readonly DatasetColumn Ref = new("s.ref", ColumnKind.Text);
    static readonly DatasetColumn ProposalId = new("s.proposal_id", ColumnKind.Text);
    static readonly DatasetColumn BeamlineId = new("s.beamline_id", ColumnKind.Text);

    /// <summary>As the index of migration 0240 has it.</summary>
    const string NameField = "datasetName";
    static readonly DatasetColumn Name = new("COALESCE(s.given_title, s.title, s.ref)", ColumnKind.Text)
    {
        IndexedCharacters = 200,
    };

    static readonly Dictionary<string, DatasetColumn> Columns = new Dictionary<string, DatasetColumn>(
        StringComparer.Ordinal
    )
    {
        ["pid"] = Ref,
        ["_id"] = Ref,
        ["proposalId"] = ProposalId,
        ["proposalIds"] = ProposalId,
        ["ownerGroup"] = ProposalId,
        ["instrumentId"] = BeamlineId,
        ["instrumentIds"] = BeamlineId,
        ["createdBy"] = new("s.owner", ColumnKind.Text),
        ["type"] = new("COALESCE(c.type, 'raw')", ColumnKind.Text),
        ["sourceFolder"] = new("COALESCE(c.source_folder, '/' || s.ref)", ColumnKind.Text),
        ["creationLocation"] = new("COALESCE(c.creation_location, s.beamline_id)", ColumnKind.Text),
        ["creationTime"] = new("COALESCE(c.creation_time, s.created_at)", ColumnKind.Time),
        ["createdAt"] = new("s.created_at", ColumnKind.Time),
        ["isPublished"] = new(DatasetDocuments.IsPublished, ColumnKind.Bool),
        ["size"] = new(DatasetDocuments.SizeBytes, ColumnKind.Number),
        ["numberOfFiles"] = new(DatasetDocuments.FileCount, ColumnKind.Number),
    };

    readonly DynamicParameters _parameters;
    readonly bool _knowsNames;
    int _names;

    DatasetPlan(DynamicParameters parameters, bool knowsNames) => (_parameters, _knowsNames) = (parameters, knowsNames);

    /// <summary>The fields that have columns.</summary>
    public static IEnumerable<string> Fields => Columns.Keys.Append(NameField);

    /// <param name="knowsNames">Whether the names of all datasets stand beside them (<see cref="NameDatasets"/>).</param>
    public static DatasetColumn? Find(string field, bool knowsNames) =>
        field == NameField ? (knowsNames ? Name : null) : Columns.GetValueOrDefault(field);

    bool TryFind(string field, [NotNullWhen(true)] out DatasetColumn? column) =>
        (column = Find(field, _knowsNames)) is not null;

    /// <returns>
    /// SQL that holds wherever the condition does, and whether it holds nowhere else: otherwise the documents have to be looked at.
    /// </returns>
    public static (string Sql, bool IsExact) Of(Condition condition, DynamicParameters parameters, bool knowsNames)
    {
        var (sql, isExact) = new DatasetPlan(parameters, knowsNames).Build(condition);
        return (sql ?? "1 = 1", sql is not null && isExact);
    }

    (string? Sql, bool IsExact) Build(Condition condition)
    {
        switch (condition)
        {
            case AllConditions all:
                var parts = all.Parts.Select(Build).ToList();
                var known = parts.Where(part => part.Sql is not null).Select(part => part.Sql!).ToList();
                return (
                    known.Count == 0 ? (parts.Count == 0 ? "1 = 1" : null) : Joined(" AND ", known),
                    parts.All(part => part.Sql is not null && part.IsExact)
                );
            case AnyCondition any:
                var ways = any.Parts.Select(Build).ToList();
                return ways.Any(way => way.Sql is null)
                    ? (null, false)
                    : (Joined(" OR ", ways.Select(way => way.Sql!)), ways.All(way => way.IsExact));
            case NotCondition not:
                var (sql, isExact) = Build(not.Part);
                return sql is not null && isExact ? ($"NOT ({sql})", true) : (null, false);
            case CompareCondition compare when TryFind(compare.Path, out var column):
                return Compare(column, compare);
            case InCondition @in when TryFind(@in.Path, out var column):
                return In(column, @in);
            case ExistsCondition exists when TryFind(exists.Path, out _):
                return (exists.Exists ? "1 = 1" : "1 = 0", true);
            default:
                return (null, false);
        }
    }

    (string?, bool) Compare(DatasetColumn column, CompareCondition compare)
    {
        if (compare.Value is JsonArray or JsonObject)
            return (null, false);
        if (Value(column, compare.Value) is not { } value)
            return ("1 = 0", true);
        if (column.Kind is ColumnKind.Text or ColumnKind.Bool && compare.Comparison != Comparison.Equal)
            return (null, false);
        var sign = compare.Comparison switch
        {
            Comparison.Greater => ">",
            Comparison.GreaterOrEqual => ">=",
            Comparison.Less => "<",
            Comparison.LessOrEqual => "<=",
            _ => "=",
        };
        if (column.Kind == ColumnKind.Bool)
            return ((bool)value ? column.Sql : $"NOT {column.Sql}", true);
        var parameter = "@" + Add(value);
        var exact = $"{Comparable(column)} {sign} {parameter}";
        return column.IndexedCharacters is { } count
            ? (
                $"({DatasetColumn.Beginning(column.Sql, count)} = {DatasetColumn.Beginning(parameter, count)} AND {exact})",
                true
            )
            : (exact, true);
    }

    (string?, bool) In(DatasetColumn column, InCondition asked)
    {
        if (asked.Values.Any(value => value is JsonArray or JsonObject) || column.Kind == ColumnKind.Bool)
            return (null, false);
        var values = asked.Values.Select(value => Value(column, value)).OfType<object>().Distinct().ToList();
        // Each becomes a parameter; beyond this the documents are looked at.
        if (values.Count > 500)
            return (null, false);
        var names = values.Select(value => "@" + Add(value)).ToList();
        if (column.IndexedCharacters is { } count && names.Count > 0)
            return (
                $"({DatasetColumn.Beginning(column.Sql, count)} IN ({string.Join(", ", names.Select(name => DatasetColumn.Beginning(name, count)))}) AND {column.Sql} IN ({string.Join(", ", names)}))",
                true
            );
        return names.Count == 0 ? ("1 = 0", true) : ($"{Comparable(column)} IN ({string.Join(", ", names)})", true);
    }

    /// <summary>Times as a client sees them: to the millisecond.</summary>
    static string Comparable(DatasetColumn column) =>
        column.Kind == ColumnKind.Time ? $"({column.Sql} / 1000)" : column.Sql;

    /// <returns>Null where nothing in the column can be equal to it.</returns>
    static object? Value(DatasetColumn column, JsonNode? value) =>
        (column.Kind, value?.GetValueKind()) switch
        {
            // No column holds a zero, and PostgreSQL takes none as a parameter.
            (ColumnKind.Text, JsonValueKind.String) => value!.GetValue<string>() is var text && text.Contains('\0')
                ? null
                : text,
            (ColumnKind.Bool, JsonValueKind.True) => true,
            (ColumnKind.Bool, JsonValueKind.False) => false,
            (ColumnKind.Number, JsonValueKind.Number) => MongoValues.Number(value!),
            // Sub-millisecond ends of a range are left to the documents' own precision: they have none either.
            (ColumnKind.Time, JsonValueKind.String) when MongoValues.TryTime(value!.GetValue<string>(), out var at) => (
                at - DateTimeOffset.UnixEpoch
            ).TotalMilliseconds,
            _ => null,
        };

    string Add(object value)
    {
        var name = "scicat" + _names++.ToString(CultureInfo.InvariantCulture);
        _parameters.Add(name, value);
        return name;
    }

    static string Joined(string with, IEnumerable<string> parts) => "(" + string.Join(with, parts) + ")";
}
