using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Catalogue;
using Harima.Exchange;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Proposals;
using Harima.Samples;
using Harima.SciCat.Filters;
using Harima.Sequences;

namespace Harima.SciCat;

/// <summary>Makes a dataset: a sequence of the proposal that its group or its proposal names, with what the client says of it.</summary>
public sealed class RegisterDataset(
    CatalogueWriter writer,
    ProposalQueries proposals,
    Policy policy,
    OpenSequence open,
    DeleteSequence delete,
    SetMetadata setMetadata,
    Labels labels,
    SampleQueries samples,
    SequenceSamples sequenceSamples,
    ShareSequence share,
    TimeProvider time
)
{
    // Without letters that look like others.
    const string Letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <returns>What is wrong with the fields, or null. It does not say whether the caller may.</returns>
    public static string? ProblemOf(JsonObject body, SciCatVersion version) =>
        DatasetFields.ProblemOfNew(body, version);

    /// <returns>The pid.</returns>
    /// <exception cref="FaultException">Invalid; Forbidden where the caller may not add to that group; Conflict for a pid in use.</exception>
    public async Task<string> HandleAsync(
        JsonObject body,
        SciCatVersion version,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (DatasetFields.ProblemOfNew(body, version) is { } problem)
            throw SciCatFault.Body(problem);
        var proposal = await ProposalOfAsync(body, principal, cancellationToken);
        var id = IdOf(body, proposal);
        RequireInstrument(body, proposal);
        var wantedSamples = SamplesOf(body);
        foreach (var sample in wantedSamples)
            await RequireSampleAsync(sample, principal, cancellationToken);
        var isPublished = body["isPublished"]?.GetValue<bool>() == true;
        if (isPublished && await policy.RightOnAsync(principal, proposal.Chain, cancellationToken) < Right.Manage)
            throw Fault.Forbidden(
                "needs-manage",
                $"Only the experiment leader of {proposal.Id} opens datasets to everyone. Leave out isPublished.",
                ("proposal", proposal.Id)
            );
        var keywords = KeywordsOf(body);
        var (name, description) = (NameOf(body), DatasetFields.TextOf(body, "description"));
        var documents = DocumentsOf(body, name, description);
        var given = DatasetFields.KeptAsGiven(body);
        given[GivenMetadata.Registered] = true;
        GivenMetadata.KeepCovered(given, documents, name, description);

        var sequence = await open.HandleAsync(
            new OpenSequenceRequest(proposal.Id, id.SequenceId),
            principal,
            cancellationToken
        );
        try
        {
            await writer.WriteAsync(
                transaction =>
                    DatasetRecords.Put(
                        transaction,
                        sequence.Row,
                        given,
                        sequence.CreatedAt,
                        "/" + sequence.Name,
                        time.Now(),
                        principal.Actor
                    ),
                cancellationToken
            );
            await SetMetadataAsync(id, documents, principal, cancellationToken);
            foreach (var keyword in keywords)
                await labels.AddAsync(
                    id.ProposalId,
                    id.SequenceId,
                    LabelKind.Keyword,
                    keyword,
                    principal,
                    cancellationToken
                );
            foreach (var sample in wantedSamples)
                await sequenceSamples.SetAsync(
                    id.ProposalId,
                    id.SequenceId,
                    sample,
                    refers: true,
                    principal,
                    cancellationToken
                );
            if (isPublished)
                await share.SetVisibilityAsync(
                    id.ProposalId,
                    id.SequenceId,
                    Visibility.Everyone,
                    principal,
                    cancellationToken
                );
        }
        catch (FaultException)
        {
            // Half a dataset under a pid that the client was never told would stay for ever.
            await delete.HandleAsync(id.ProposalId, id.SequenceId, principal, CancellationToken.None);
            await writer.WriteAsync(
                transaction => DatasetRecords.Remove(transaction, sequence.Row),
                CancellationToken.None
            );
            throw;
        }
        return id.ToString();
    }

    async Task<Proposal> ProposalOfAsync(JsonObject body, Principal principal, CancellationToken cancellationToken)
    {
        var group = DatasetFields.TextOf(body, "ownerGroup")!;
        var named = ProposalsNamed(body);
        if (named.Count > 1)
            throw SciCatFault.Body("A sequence belongs to one proposal; name one in proposalIds.");
        try
        {
            var summary = await proposals.GetAsync(principal, named.Count == 1 ? named[0] : group, cancellationToken);
            if (!summary.Proposal.Id.Equals(group, StringComparison.OrdinalIgnoreCase))
                throw NotYourGroup(group);
            return summary.Proposal;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            throw NotYourGroup(group);
        }
    }

    static FaultException NotYourGroup(string group) =>
        Fault.Forbidden(
            "scicat-group",
            $"You may not add datasets to the group '{group}'. A group is a proposal here: ownerGroup is the id of a proposal you may add to, and proposalIds, if given, says the same.",
            ("group", group)
        );

    static DatasetId IdOf(JsonObject body, Proposal proposal)
    {
        if (DatasetFields.TextOf(body, "pid") is not { } pid)
            return new DatasetId(proposal.Id, "DS" + RandomNumberGenerator.GetString(Letters, 10));
        return DatasetId.TryParse(pid, out var id) && id.ProposalId == proposal.Id
            ? id
            : throw SciCatFault.Body(
                $"The pid '{pid}' is not valid. It is the proposal, a slash and the sequence, such as {proposal.Id}/S0042; or leave it out."
            );
    }

    internal static void RequireInstrument(JsonObject body, Proposal proposal)
    {
        IEnumerable<string> named = DatasetFields.TextsOf(body, "instrumentIds") ?? [];
        if (DatasetFields.TextOf(body, "instrumentId") is { } one)
            named = named.Append(one);
        foreach (var instrument in named.Where(id => id.Length > 0))
            if (!instrument.Equals(proposal.BeamlineId, StringComparison.OrdinalIgnoreCase))
                throw SciCatFault.Body(
                    $"The instrument '{instrument}' is not that of proposal {proposal.Id}, which is {proposal.BeamlineId}."
                );
    }

    internal static IReadOnlyList<string> ProposalsNamed(JsonObject body) =>
        [
            .. (DatasetFields.TextsOf(body, "proposalIds") ?? [])
                .Append(DatasetFields.TextOf(body, "proposalId"))
                .OfType<string>()
                .Where(id => id.Length > 0)
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];

    internal static IReadOnlyList<string> SamplesOf(JsonObject body) =>
        [
            .. (DatasetFields.TextsOf(body, "sampleIds") ?? [])
                .Append(DatasetFields.TextOf(body, "sampleId"))
                .OfType<string>()
                .Where(id => id.Length > 0)
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];

    async Task RequireSampleAsync(string sample, Principal principal, CancellationToken cancellationToken)
    {
        try
        {
            await samples.GetAsync(principal, sample, cancellationToken);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            throw SciCatFault.Body($"There is no sample '{sample}', or you have no access to it. Register it first.");
        }
    }

    internal static IReadOnlyList<string> KeywordsOf(JsonObject body)
    {
        var keywords = DatasetFields.TextsOf(body, "keywords") ?? [];
        if (keywords.Count > 100 || keywords.Any(word => word.Trim().Length is 0 or > Labels.MaxLength))
            throw SciCatFault.Body($"keywords are at most 100, each of 1 to {Labels.MaxLength} characters.");
        return keywords;
    }

    static string NameOf(JsonObject body) =>
        DatasetFields.TextOf(body, "datasetName")
        // As SciCat does where a client of version 3 gives none.
        ?? DatasetFields.TextOf(body, "sourceFolder")!.TrimEnd('/').Split('/')[^1];

    static ImportedMetadata DocumentsOf(JsonObject body, string name, string? description)
    {
        var documents = GivenMetadata.DocumentsOf(
            body["scientificMetadata"] as JsonObject,
            name,
            description,
            body["techniques"]
        );
        RequireSize(documents);
        return documents;
    }

    internal static void RequireSize(ImportedMetadata documents)
    {
        foreach (var document in new[] { documents.Measurement, documents.Sample })
            if (
                document is not null
                && Encoding.UTF8.GetByteCount(document.ToJsonString(MetadataFormat.Readable)) > MetadataCheck.MaxBytes
            )
                throw SciCatFault.Body("scientificMetadata is larger than 1 MiB. Put large tables into data files.");
    }

    async Task SetMetadataAsync(
        DatasetId id,
        ImportedMetadata documents,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        foreach (
            var (kind, document) in new[]
            {
                (MetadataKind.Measurement, documents.Measurement),
                (MetadataKind.Sample, documents.Sample),
            }
        )
            if (document is not null)
                await setMetadata.HandleAsync(
                    id.ProposalId,
                    id.SequenceId,
                    kind,
                    document.ToJsonString(MetadataFormat.Readable),
                    principal,
                    cancellationToken
                );
    }
}
