using System.Text.Json.Nodes;
using Dapper;
using Harima.Catalogue;
using Harima.Exchange;
using Harima.Metadata;
using Harima.Proposals;
using Harima.Sequences;

namespace Harima.SciCat;

/// <summary>Sequences as the documents SciCat clients read, many at once. Whether they may be read was decided before.</summary>
sealed class DatasetDocuments(Database database)
{
    /// <summary>Names of version 3 for what version 4 has as lists.</summary>
    public static readonly string[] OnlyV3 =
    [
        "principalInvestigator",
        "investigator",
        "proposalId",
        "sampleId",
        "instrumentId",
    ];

    const string Absent = $"FROM scicat_file a WHERE a.sequence_row = s.row AND {DatasetRecords.IsAbsent}";

    public const string SizeBytes =
        $"(s.size_bytes + COALESCE((SELECT CAST(SUM(a.size_bytes) AS BIGINT) {Absent}), 0))";
    public const string FileCount = $"(s.file_count + (SELECT COUNT(*) {Absent}))";
    public const string IsPublished =
        "EXISTS (SELECT 1 FROM access_grant e WHERE e.kind = 'sequence' AND e.id = s.ref AND e.subject = 'everyone')";

    /// <returns>In the order of the rows; those that are gone meanwhile are left out.</returns>
    public async Task<IReadOnlyList<(long Row, JsonObject Document)>> OfRowsAsync(
        IReadOnlyList<long> rows,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
            return [];
        var parameters = new DynamicParameters();
        string Are(string column) => DatasetRecords.IsOneOf(database.Dialect, column, "rows", rows, parameters);
        await using var connection = await database.OpenAsync(cancellationToken);
        var sequences = await connection.QueryAsync<Read>(
            $"""
            SELECT {SequenceRows.Columns}, p.title, p.title_ja, p.starts_on, p.ends_on, u.display_name AS owner_name,
                {IsPublished} AS is_published, {SizeBytes} AS all_bytes, {FileCount} AS all_files
            FROM sequence s JOIN proposal p ON p.id = s.proposal_id LEFT JOIN app_user u ON u.id = s.owner
            WHERE {Are("s.row")}
            """,
            parameters
        );
        var found = sequences.ToDictionary(sequence => sequence.Row);
        foreach (
            var (row, kind, json, at, by) in await connection.QueryAsync<(long, string, string, long, string)>(
                $"SELECT sequence_row, kind, json, changed_at, changed_by FROM metadata WHERE {Are("sequence_row")}",
                parameters
            )
        )
            found.GetValueOrDefault(row)?.AddMetadata(kind, json, at, by);
        foreach (
            var record in await connection.QueryAsync<DatasetRecord>(
                $"SELECT sequence_row, json, changed_at, changed_by FROM scicat_dataset WHERE {Are("sequence_row")}",
                parameters
            )
        )
            found.GetValueOrDefault(record.SequenceRow)?.AddRecord(record);
        foreach (
            var (row, label) in await connection.QueryAsync<(long, string)>(
                $"SELECT sequence_row, label FROM sequence_label WHERE kind = 'keyword' AND {Are("sequence_row")} ORDER BY label",
                parameters
            )
        )
            found.GetValueOrDefault(row)?.Keywords.Add(label);
        foreach (
            var (row, id) in await connection.QueryAsync<(long, string)>(
                $"SELECT l.sequence_row, a.id FROM sequence_sample l JOIN sample a ON a.row = l.sample_row WHERE {Are("l.sequence_row")} ORDER BY a.row",
                parameters
            )
        )
            found.GetValueOrDefault(row)?.Samples.Add(id);
        return [.. rows.Where(found.ContainsKey).Select(row => (row, found[row].Compose()))];
    }

    static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    sealed class Read
    {
        public long Row { get; init; }
        public required string ProposalId { get; init; }
        public required string Id { get; init; }
        public required string BeamlineId { get; init; }
        public SequenceState State { get; init; }
        public required string Owner { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? ClosedAt { get; init; }
        public required string Title { get; init; }
        public required string TitleJa { get; init; }
        public required string StartsOn { get; init; }
        public required string EndsOn { get; init; }
        public string? OwnerName { get; init; }
        public bool IsPublished { get; init; }
        public long AllBytes { get; init; }
        public long AllFiles { get; init; }
        public List<string> Keywords { get; } = [];
        public List<string> Samples { get; } = [];

        JsonObject? _measurement;
        JsonObject? _sample;
        JsonObject? _given;
        (DateTimeOffset At, string By)? _changed;

        public void AddMetadata(string kind, string json, long at, string by)
        {
            var document = JsonNode.Parse(json) as JsonObject;
            if (kind == MetadataRows.TextOf(MetadataKind.Sample))
                _sample = document;
            else
                _measurement = document;
            Changed(Instant.FromMicroseconds(at), by);
        }

        public void AddRecord(DatasetRecord record)
        {
            _given = record.Read();
            Changed(record.ChangedAt, record.ChangedBy);
        }

        void Changed(DateTimeOffset at, string by)
        {
            if (_changed is null || at > _changed.Value.At)
                _changed = (at, by);
        }

        public JsonObject Compose()
        {
            var (dataset, _) = SciCatFormat.DatasetOf(
                new ExchangedSequence(
                    new Sequence
                    {
                        Row = Row,
                        ProposalId = ProposalId,
                        Id = Id,
                        BeamlineId = BeamlineId,
                        State = State,
                        Owner = Owner,
                        CreatedAt = CreatedAt,
                        ClosedAt = ClosedAt,
                        SizeBytes = AllBytes,
                        FileCount = AllFiles,
                    },
                    new Proposal
                    {
                        Id = ProposalId,
                        Title = Title,
                        TitleJa = TitleJa,
                        BeamlineId = BeamlineId,
                        StartsOn = StartsOn,
                        EndsOn = EndsOn,
                    },
                    OwnerName ?? Owner,
                    _measurement,
                    _sample,
                    []
                )
            );
            if (dataset["description"] is null)
                dataset["description"] = "";
            if (_given is not null)
            {
                foreach (var (name, value) in _given)
                    if (name is not ("datasetlifecycle" or GivenMetadata.Registered))
                        dataset[name] = value?.DeepClone();
                GivenMetadata.Uncover(dataset, _given);
            }
            AddLists(dataset);
            AddServerFields(dataset);
            return dataset;
        }

        void AddLists(JsonObject dataset)
        {
            dataset["keywords"] = Texts(Keywords);
            dataset["proposalIds"] = Texts([ProposalId]);
            dataset["instrumentId"] = BeamlineId;
            dataset["instrumentIds"] = Texts([BeamlineId]);
            dataset["sampleIds"] = Texts(Samples);
            if (Samples.Count > 0)
                dataset["sampleId"] = Samples[0];
            if (dataset["principalInvestigators"] is not JsonArray { Count: > 0 } many)
                dataset["principalInvestigators"] = Texts([
                    (dataset["investigator"] ?? dataset["principalInvestigator"])!.ToString(),
                ]);
            else
                dataset["principalInvestigator"] = many[0]?.DeepClone();
            foreach (
                var name in (string[])
                    ["accessGroups", "sharedWith", "relationships", "inputDatasets", "usedSoftware", "techniques"]
            )
                dataset[name] ??= new JsonArray();
        }

        void AddServerFields(JsonObject dataset)
        {
            var (at, by) = _changed is { } changed && changed.At > CreatedAt ? changed : (CreatedAt, Owner);
            dataset["_id"] = dataset["pid"]!.DeepClone();
            dataset["isPublished"] = IsPublished;
            dataset["packedSize"] = 0;
            dataset["numberOfFilesArchived"] = 0;
            dataset["createdAt"] = SciCatFormat.TextOf(CreatedAt);
            dataset["createdBy"] = Owner;
            dataset["updatedAt"] = SciCatFormat.TextOf(at);
            dataset["updatedBy"] = by;
            var lifecycle = new JsonObject
            {
                ["archivable"] = false,
                ["retrievable"] = false,
                ["publishable"] = State == SequenceState.Closed,
                ["isOnCentralDisk"] = true,
                ["archiveStatusMessage"] = "datasetCreated",
                ["retrieveStatusMessage"] = "",
                ["retrieveIntegrityCheck"] = false,
            };
            if (_given?["datasetlifecycle"] is JsonObject said)
                foreach (var (name, value) in said)
                    lifecycle[name] = value?.DeepClone();
            dataset["datasetlifecycle"] = lifecycle;
        }
    }
}
