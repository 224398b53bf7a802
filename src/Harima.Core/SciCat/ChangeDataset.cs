using System.Globalization;
using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Catalogue;
using Harima.Exchange;
using Harima.Extraction;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.SciCat.Filters;
using Harima.Sequences;

namespace Harima.SciCat;

/// <summary>How the body of a change is taken.</summary>
public enum DatasetChange
{
    /// <summary>The fields that are there replace those that were.</summary>
    Fields,

    /// <summary>RFC 7396: objects are merged, null removes.</summary>
    MergePatch,

    /// <summary>The body is all that is said from now on.</summary>
    Whole,
}

/// <summary>Changes and deletes datasets, for those who may write the sequence.</summary>
public sealed class ChangeDataset
{
    readonly CatalogueWriter _writer;
    readonly SequenceAccess _access;
    readonly DatasetDocuments _documents;
    readonly SetMetadata _setMetadata;
    readonly MetadataQueries _metadata;
    readonly Labels _labels;
    readonly SequenceSamples _samples;
    readonly ShareSequence _share;
    readonly DeleteSequence _delete;
    readonly TimeProvider _time;

    internal ChangeDataset(
        CatalogueWriter writer,
        SequenceAccess access,
        DatasetDocuments documents,
        SetMetadata setMetadata,
        MetadataQueries metadata,
        Labels labels,
        SequenceSamples samples,
        ShareSequence share,
        DeleteSequence delete,
        TimeProvider time
    ) =>
        (_writer, _access, _documents, _setMetadata, _metadata, _labels, _samples, _share, _delete, _time) = (
            writer,
            access,
            documents,
            setMetadata,
            metadata,
            labels,
            samples,
            share,
            delete,
            time
        );

    /// <param name="unmodifiedSince">Nothing is written if somebody has changed the dataset later; null sets no condition.</param>
    /// <exception cref="FaultException">
    /// NotFound; Forbidden; Closed; Invalid for what is no field or cannot be changed; PreconditionFailed (<c>dataset-changed</c>,
    /// <c>metadata-changed</c>).
    /// </exception>
    public async Task HandleAsync(
        string pid,
        JsonObject body,
        DatasetChange change,
        SciCatVersion version,
        DateTimeOffset? unmodifiedSince,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var id = DatasetId.Parse(pid);
        var view = await WritableAsync(id, principal, cancellationToken);
        DatasetFields.RequireChange(body, version);
        RequireSamePlace(body, view);
        // Before the dataset is read, which is made of them: what somebody saves in between is not written over.
        var seen = await SeenAsync(id, principal, cancellationToken);
        var found = await _documents.OfRowsAsync([view.Sequence.Row], cancellationToken);
        var before = found.Count == 0 ? throw Fault.NotFound("Dataset", pid) : found[0].Document;
        RequireUnmodified(before, unmodifiedSince);
        if (change == DatasetChange.Whole)
            body = Completed(body, before, version);
        var keywords = body.ContainsKey("keywords") ? RegisterDataset.KeywordsOf(body) : null;
        var isPublished = body["isPublished"]?.GetValue<bool>();
        if (
            isPublished is { } published
            && published != (view.Visibility == Visibility.Everyone)
            && view.MyRight < Right.Manage
        )
            throw Fault.Forbidden(
                "needs-manage",
                $"Only the experiment leader of {view.Proposal.Id} opens datasets to everyone or limits them again.",
                ("proposal", view.Proposal.Id)
            );

        var given = await GivenAsync(view.Sequence.Row, cancellationToken);
        Say(given, body, change);
        await WriteMetadataAsync(id, body, before, given, change, seen, principal, cancellationToken);
        await _writer.WriteAsync(
            transaction =>
                DatasetRecords.Put(
                    transaction,
                    view.Sequence.Row,
                    given,
                    view.Sequence.CreatedAt,
                    "/" + view.Sequence.Name,
                    _time.Now(),
                    principal.Actor
                ),
            cancellationToken
        );
        if (keywords is not null)
            await SetKeywordsAsync(id, keywords, principal, cancellationToken);
        if (body.ContainsKey("sampleIds") || body.ContainsKey("sampleId"))
            await SetSamplesAsync(id, RegisterDataset.SamplesOf(body), principal, cancellationToken);
        if (isPublished is { } wanted && wanted != (view.Visibility == Visibility.Everyone))
            await _share.SetVisibilityAsync(
                id.ProposalId,
                id.SequenceId,
                wanted ? Visibility.Everyone : Visibility.Limited,
                principal,
                cancellationToken
            );
    }

    /// <exception cref="FaultException">As <see cref="DeleteSequence"/>: only an open sequence without files.</exception>
    public async Task DeleteAsync(string pid, Principal principal, CancellationToken cancellationToken)
    {
        var id = DatasetId.Parse(pid);
        var view = await _access.GetAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        await _delete.HandleAsync(id.ProposalId, id.SequenceId, principal, cancellationToken);
        await _writer.WriteAsync(
            transaction => DatasetRecords.Remove(transaction, view.Sequence.Row),
            cancellationToken
        );
    }

    async Task<SequenceView> WritableAsync(DatasetId id, Principal principal, CancellationToken cancellationToken)
    {
        var view = await _access.RequireAsync(principal, id.ProposalId, id.SequenceId, Right.Write, cancellationToken);
        return view.Sequence.State == SequenceState.Closed
            ? throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id)
            : view;
    }

    static void RequireSamePlace(JsonObject body, SequenceView view)
    {
        void Same(string? said, string name)
        {
            if (said is not null && !said.Equals(view.Proposal.Id, StringComparison.OrdinalIgnoreCase))
                throw SciCatFault.Body($"A dataset stays in its proposal: {name} is {view.Proposal.Id}.");
        }
        Same(DatasetFields.TextOf(body, "ownerGroup"), "ownerGroup");
        foreach (var proposal in RegisterDataset.ProposalsNamed(body))
            Same(proposal, "proposalIds");
        if (DatasetFields.TextOf(body, "pid") is { } pid && pid != view.Sequence.Name)
            throw SciCatFault.Body("A dataset keeps its pid.");
        RegisterDataset.RequireInstrument(body, view.Proposal);
    }

    /// <summary>What a whole body leaves out is empty from now on; what says where the dataset belongs stays.</summary>
    static JsonObject Completed(JsonObject body, JsonObject before, SciCatVersion version)
    {
        var whole = (JsonObject)body.DeepClone();
        whole["type"] ??= before["type"]!.DeepClone();
        whole["ownerGroup"] ??= before["ownerGroup"]!.DeepClone();
        if (version == SciCatVersion.V3)
            foreach (var name in (string[])["principalInvestigator", "creationLocation", "investigator"])
                if (before[name] is { } said)
                    whole[name] ??= said.DeepClone();
        if (DatasetFields.ProblemOfNew(whole, version) is { } problem)
            throw SciCatFault.Body(problem);
        whole["scientificMetadata"] ??= new JsonObject();
        whole["keywords"] ??= new JsonArray();
        whole["description"] ??= "";
        return whole;
    }

    async Task<JsonObject> GivenAsync(long row, CancellationToken cancellationToken) =>
        await _writer.WriteAsync(transaction => DatasetRecords.Find(transaction, row), cancellationToken) ?? [];

    static void Say(JsonObject given, JsonObject body, DatasetChange change)
    {
        if (change == DatasetChange.Whole)
            foreach (var name in given.Select(pair => pair.Key).ToList())
                if (name is not (GivenMetadata.Registered or "datasetlifecycle" or "datasetName" or "description"))
                    given.Remove(name);
        foreach (var (name, value) in DatasetFields.KeptAsGiven(body))
            given[name] =
                value is JsonObject said && (change == DatasetChange.MergePatch || name == "datasetlifecycle")
                    ? Merged(given[name] as JsonObject, said)
                    : value?.DeepClone();
        foreach (var (name, value) in body)
            if (value is null || value.ToString().Length == 0)
                given.Remove(name);
        // Two names of the same: the one said last counts.
        if (body.ContainsKey("principalInvestigators"))
            given.Remove("principalInvestigator");
        else if (body.ContainsKey("principalInvestigator"))
            given.Remove("principalInvestigators");
    }

    async Task WriteMetadataAsync(
        DatasetId id,
        JsonObject body,
        JsonObject before,
        JsonObject given,
        DatasetChange change,
        SeenVersions seen,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (name, description) = (DatasetFields.TextOf(body, "datasetName"), body["description"]?.ToString());
        if (body.ContainsKey("scientificMetadata"))
        {
            var said = body["scientificMetadata"] as JsonObject;
            var metadata =
                change == DatasetChange.MergePatch
                    ? Merged(before["scientificMetadata"] as JsonObject, said ?? [])
                    : said;
            var isRegistered = GivenMetadata.IsRegistered(given) || change == DatasetChange.Whole;
            // In the metadata of other sequences title and description stand already, and are in what the client read.
            name ??= isRegistered ? before["datasetName"]?.ToString() : null;
            description ??= isRegistered ? before["description"]?.ToString() : null;
            if (isRegistered)
                given[GivenMetadata.Registered] = true;
            var documents = GivenMetadata.DocumentsOf(
                metadata,
                name,
                description,
                isRegistered ? given["techniques"] : null
            );
            RegisterDataset.RequireSize(documents);
            GivenMetadata.KeepCovered(given, documents, name, description);
            await _setMetadata.HandleAsync(
                id.ProposalId,
                id.SequenceId,
                [
                    new(MetadataKind.Measurement, Text(documents.Measurement), seen.Measurement),
                    new(MetadataKind.Sample, Text(documents.Sample), seen.Sample),
                ],
                principal,
                cancellationToken
            );
        }
        else if (name is not null || description is not null)
            await SetTitleAsync(id, name, description, given, principal, cancellationToken);
    }

    /// <summary>Only those two places of the document; the rest stays as it was written.</summary>
    async Task SetTitleAsync(
        DatasetId id,
        string? name,
        string? description,
        JsonObject given,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var documents = await _metadata.OfAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        var text = documents.FirstOrDefault(document => document.Kind == MetadataKind.Measurement)?.Json;
        var measurement = (JsonObject)JsonNode.Parse(text ?? "{}")!;
        measurement["data_info"] ??= new JsonObject();
        void Put(string field, string key, string? value)
        {
            if (value is null)
                return;
            given.Remove(field);
            if (measurement["data_info"] is not JsonObject information)
                given[field] = value;
            else if (value.Length == 0)
                information.Remove(key);
            else
                information[key] = value;
        }
        Put("datasetName", "title", name);
        Put("description", "description", description);
        // What somebody else saved meanwhile is not written over: they are told to look again.
        await _setMetadata.HandleAsync(
            id.ProposalId,
            id.SequenceId,
            MetadataKind.Measurement,
            measurement.ToJsonString(MetadataFormat.Readable),
            MetadataVersion.Of(text),
            principal,
            cancellationToken
        );
    }

    static string? Text(JsonObject? document) => document?.ToJsonString(MetadataFormat.Readable);

    async Task<SeenVersions> SeenAsync(DatasetId id, Principal principal, CancellationToken cancellationToken)
    {
        var documents = await _metadata.OfAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        string Version(MetadataKind kind) =>
            documents.FirstOrDefault(document => document.Kind == kind)?.Version ?? MetadataVersion.None;
        return new SeenVersions(Version(MetadataKind.Measurement), Version(MetadataKind.Sample));
    }

    /// <summary>A time in a header has whole seconds; a change within the same second counts as seen.</summary>
    static void RequireUnmodified(JsonObject dataset, DateTimeOffset? since)
    {
        if (
            since is not { } told
            || !DateTimeOffset.TryParse(
                dataset["updatedAt"]?.ToString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var changed
            )
        )
            return;
        if (told.Ticks % TimeSpan.TicksPerSecond == 0)
            changed = changed.AddTicks(-(changed.Ticks % TimeSpan.TicksPerSecond));
        if (changed > told)
            throw new FaultException(
                FaultCode.PreconditionFailed,
                "dataset-changed",
                $"The dataset was changed by '{dataset["updatedBy"]}' at {dataset["updatedAt"]}, after the time in If-Unmodified-Since, so nothing was written. Read it again, and send your change anew."
            );
    }

    async Task SetKeywordsAsync(
        DatasetId id,
        IReadOnlyList<string> wanted,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var before = (await _labels.OfAsync(principal, id.ProposalId, id.SequenceId, cancellationToken))
            .Where(label => label.Kind == LabelKind.Keyword)
            .Select(label => label.Label);
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var keyword in wanted)
            kept.Add(
                await _labels.AddAsync(
                    id.ProposalId,
                    id.SequenceId,
                    LabelKind.Keyword,
                    keyword,
                    principal,
                    cancellationToken
                )
            );
        foreach (var keyword in before.Where(keyword => !kept.Contains(keyword)))
            await _labels.RemoveAsync(
                id.ProposalId,
                id.SequenceId,
                LabelKind.Keyword,
                keyword,
                principal,
                cancellationToken
            );
    }

    async Task SetSamplesAsync(
        DatasetId id,
        IReadOnlyList<string> wanted,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var before = (await _samples.OfAsync(principal, id.ProposalId, id.SequenceId, cancellationToken))
            .Select(sample => sample.Id)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var sample in wanted.Where(sample => !before.Contains(sample)))
            await _samples.SetAsync(id.ProposalId, id.SequenceId, sample, true, principal, cancellationToken);
        foreach (var sample in before.Except(wanted, StringComparer.OrdinalIgnoreCase))
            await _samples.SetAsync(id.ProposalId, id.SequenceId, sample, false, principal, cancellationToken);
    }

    /// <summary>RFC 7396.</summary>
    static JsonObject Merged(JsonObject? target, JsonObject patch)
    {
        var merged = (JsonObject?)target?.DeepClone() ?? [];
        foreach (var (name, value) in patch)
            if (value is null)
                merged.Remove(name);
            else
                merged[name] = value is JsonObject inner
                    ? Merged(merged[name] as JsonObject, inner)
                    : value.DeepClone();
        return merged;
    }
}
