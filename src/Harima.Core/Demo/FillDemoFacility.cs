using System.Diagnostics;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Proposals;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.Extensions.Options;

namespace Harima.Demo;

/// <summary>
/// Fills an empty facility with beamlines, proposals, people and measurements, through the use cases that people use.
/// </summary>
/// <remarks>
/// A facility that holds a proposal already is left alone. While it fills, a marker lies in the data folder: found at the next start,
/// the work goes on where it was broken off. What was done is seen from the facility itself: a closed sequence is complete.
/// </remarks>
public sealed class FillDemoFacility(
    Users users,
    AccessKeys keys,
    Administrators administrators,
    CreateBeamline createBeamline,
    CreateProposal createProposal,
    ProposalQueries proposals,
    AddFile addFile,
    FileQueries files,
    SetMetadata setMetadata,
    ShareSequence share,
    CloseSequence close,
    SequenceAccess access,
    IOptions<DataOptions> data
)
{
    const string KeyDescription = "Demo";
    const int Everything = 100_000;

    string Directory => data.Value.Directory;

    string Marker => Path.Combine(Directory, "demo-is-being-filled");

    /// <param name="address">How the facility will be reached; written into the credentials.</param>
    /// <param name="report">Takes a line of progress.</param>
    /// <returns>Who may log in, or null where the facility is not the demo's own.</returns>
    public Task<DemoCredentials?> HandleAsync(
        DemoAddress address,
        Action<string> report,
        CancellationToken cancellationToken
    ) => HandleAsync(address, DemoSequences.All, report, cancellationToken);

    internal async Task<DemoCredentials?> HandleAsync(
        DemoAddress address,
        IReadOnlyList<DemoSequence> sequences,
        Action<string> report,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(Marker))
        {
            var facility = await proposals.ListAsync(Principal.System, null, null, 1, cancellationToken);
            if (facility.Items.Count > 0)
                return await KnownAsync(address, cancellationToken);
            System.IO.Directory.CreateDirectory(Directory);
            await File.WriteAllTextAsync(
                Marker,
                "Harima fills its demo facility; started again, it continues.\n",
                cancellationToken
            );
        }

        var watch = Stopwatch.StartNew();
        report("Filling the demo facility ...");
        await RegisterAsync(cancellationToken);
        var (done, bytes) = (0, 0L);
        await Parallel.ForEachAsync(
            // The large ones first, or one of them is left for the end and a core idles.
            sequences.OrderByDescending(sequence => sequence.Experiment is DemoSerial or DemoTomography),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Environment.ProcessorCount,
                CancellationToken = cancellationToken,
            },
            async (sequence, token) =>
            {
                var size = await MeasureAsync(sequence, token);
                var total = Interlocked.Add(ref bytes, size);
                var number = Interlocked.Increment(ref done);
                report(
                    $"  [{number, 2}/{sequences.Count}] {sequence.Proposal.Id}/{sequence.Id} ({total / 1e6:0} MB so far)"
                );
            }
        );
        var credentials = await IssueAsync(address, cancellationToken);
        File.Delete(Marker);
        report($"Filled: {sequences.Count} sequences, {bytes / 1e6:0} MB, {watch.Elapsed.TotalSeconds:0} s.");
        return credentials;
    }

    /// <summary>The credentials of a facility that was filled before, at the address of today.</summary>
    async Task<DemoCredentials?> KnownAsync(DemoAddress address, CancellationToken cancellationToken)
    {
        var known = await DemoCredentials.FindAsync(Directory, cancellationToken);
        if (known is null)
            return null;
        var current = known with { Portal = address.Portal, S3 = address.S3, Region = address.Region };
        if (current != known)
            await current.SaveAsync(Directory, cancellationToken);
        return current;
    }

    async Task RegisterAsync(CancellationToken cancellationToken)
    {
        foreach (var person in DemoPeople.All)
            if (await users.FindAsync(person.Id, cancellationToken) is null)
                await users.CreateAsync(person.Id, person.Name, person.Email, password: null, cancellationToken);
        foreach (var admin in DemoPeople.All.Where(person => person.Role == "admin"))
            await administrators.AppointAsync(admin.Id, Principal.System, cancellationToken);

        var office = As("admin");
        foreach (var beamline in DemoProposals.Beamlines)
            await createBeamline.HandleAsync(
                new CreateBeamlineRequest(beamline.Id, beamline.Title, beamline.TitleJa, [beamline.Staff]),
                office,
                cancellationToken
            );
        foreach (var proposal in DemoProposals.All)
            if (await proposals.FindAsync(proposal.Id, cancellationToken) is null)
                await createProposal.HandleAsync(
                    new CreateProposalRequest(
                        proposal.Id,
                        proposal.Title,
                        proposal.TitleJa,
                        proposal.Beamline.Id,
                        proposal.StartsOn,
                        proposal.EndsOn,
                        proposal.Leader,
                        proposal.Members
                    ),
                    office,
                    cancellationToken
                );
    }

    /// <summary>Puts what is not there yet: files, metadata, then sharing, and closes last.</summary>
    /// <returns>Bytes of the sequence.</returns>
    async Task<long> MeasureAsync(DemoSequence sequence, CancellationToken cancellationToken)
    {
        var (proposalId, owner) = (sequence.Proposal.Id, As(sequence.Owner));
        var before = await FindAsync(sequence, cancellationToken);
        if (before?.Sequence.State == SequenceState.Closed)
            return before.Sequence.SizeBytes;

        var size = await PutFilesAsync(sequence, owner, cancellationToken);
        var measurement = DemoMetadata.Measurement(sequence);
        await setMetadata.HandleAsync(
            proposalId,
            sequence.Id,
            MetadataKind.Measurement,
            measurement,
            owner,
            cancellationToken
        );
        var sample = DemoMetadata.Sample(sequence);
        await setMetadata.HandleAsync(proposalId, sequence.Id, MetadataKind.Sample, sample, owner, cancellationToken);
        await ShareAsync(sequence, As(sequence.Proposal.Leader), cancellationToken);
        if (!sequence.StaysOpen)
            await close.HandleAsync(proposalId, sequence.Id, owner, cancellationToken);
        return size;
    }

    async Task<long> PutFilesAsync(DemoSequence sequence, Principal owner, CancellationToken cancellationToken)
    {
        var bucket = sequence.Proposal.Id;
        var listing = await files.ListAsync(
            Principal.System,
            bucket,
            new ListRequest(sequence.Id + "/", Delimiter: null, After: null, Everything),
            cancellationToken
        );
        var present = listing.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var size = 0L;
        foreach (var file in sequence.Experiment.Files(sequence))
        {
            size += file.Content.Length;
            var key = $"{sequence.Id}/{file.Path}";
            if (present.Contains(key))
                continue;
            using var body = new MemoryStream(file.Content, writable: false);
            var expected = new BodyExpectation { LengthBytes = file.Content.Length };
            var request = new AddFileRequest(bucket, key, file.ContentType, Expected: expected);
            await addFile.HandleAsync(request, body, owner, cancellationToken);
        }

        return size;
    }

    async Task ShareAsync(DemoSequence sequence, Principal leader, CancellationToken cancellationToken)
    {
        var proposalId = sequence.Proposal.Id;
        if (sequence.SharedWith is var (userId, right))
            await share.HandleAsync(
                new ShareSequenceRequest(proposalId, sequence.Id, userId, right),
                leader,
                cancellationToken
            );
        if (sequence.IsForEveryone)
            await share.SetVisibilityAsync(proposalId, sequence.Id, Visibility.Everyone, leader, cancellationToken);
    }

    async Task<SequenceView?> FindAsync(DemoSequence sequence, CancellationToken cancellationToken)
    {
        try
        {
            return await access.GetAsync(Principal.System, sequence.Proposal.Id, sequence.Id, cancellationToken);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Gives everybody a fresh password and key. Those of a filling that was broken off were never told to anybody.</summary>
    async Task<DemoCredentials> IssueAsync(DemoAddress address, CancellationToken cancellationToken)
    {
        var logins = new List<DemoLogin>();
        foreach (var person in DemoPeople.All)
        {
            foreach (var old in await keys.ListAsync(As(person.Id), cancellationToken))
                await keys.RevokeAsync(As(person.Id), old.Id, cancellationToken);
            var key = await keys.CreateAsync(As(person.Id), KeyDescription, cancellationToken);
            var password = DemoCredentials.NewPassword();
            await users.SetPasswordAsync(person.Id, password, cancellationToken);
            string[] concerned = [.. DemoProposals.All.Where(p => p.Concerns(person)).Select(p => p.Id)];
            logins.Add(new DemoLogin(person.Id, person.Role, password, key.Key.Id, key.SecretKey, concerned));
        }

        string[] all = [.. DemoProposals.All.Select(proposal => proposal.Id)];
        var credentials = new DemoCredentials(address.Portal, address.S3, address.Region, all, logins);
        await credentials.SaveAsync(Directory, cancellationToken);
        return credentials;
    }

    static Principal As(string userId) => new(userId, "demo");
}
