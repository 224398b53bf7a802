using System.Text.Json.Nodes;
using Harima.Extraction;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Exchange;

/// <param name="NotCarried">What the text said and our documents have no place for.</param>
/// <param name="Format">The format it was read as.</param>
/// <param name="Measurement">The new text; null where the import says nothing about it.</param>
/// <param name="Sample">The new text; null where the import says nothing about it.</param>
/// <param name="Versions">Of the documents that are there: before a trial, after an import.</param>
public sealed record ImportResult(
    string? Measurement,
    string? Sample,
    IReadOnlyList<LeftOut> NotCarried,
    string Format,
    SeenVersions Versions
);

/// <summary>Gives the metadata of a sequence out in the formats of others, and takes it in from them.</summary>
public sealed class ExchangeMetadata(
    SequenceAccess access,
    MetadataQueries metadata,
    SetMetadata set,
    FileQueries files,
    Users users
)
{
    const int MaxFiles = 1000;

    static readonly MetadataFormat[] Known =
    [
        BentenFormats.Yaml,
        BentenFormats.Flat,
        RdeFormats.Invoice,
        RdeFormats.Metadata,
        SciCatFormat.Dataset,
        DataCiteFormat.Json,
        RoCrateFormat.Version11,
        RoCrateFormat.Version12,
    ];

    /// <summary>In place of a format's name: what the text itself says.</summary>
    public const string Auto = "auto";

    /// <summary>The names of all formats, such as <c>benten-yaml</c>.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. Known.Select(format => format.Name)];

    /// <exception cref="FaultException">NotFound; Invalid for a format that is none.</exception>
    public async Task<ExportedMetadata> ExportAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        string formatName,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var format = Of(formatName);
        var documents = await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        JsonObject? Document(MetadataKind kind) =>
            documents.FirstOrDefault(document => document.Kind == kind) is { } document
                ? JsonNode.Parse(document.Json) as JsonObject
                : null;
        var bucket = view.Proposal.Id.ToLowerInvariant();
        var listed = await files.ListAsync(
            principal,
            bucket,
            new ListRequest(view.Sequence.Id + "/", null, null, MaxFiles),
            cancellationToken
        );
        var owner = await users.FindAsync(view.Sequence.Owner, cancellationToken);
        var (text, notCarried) = format.Write(
            new ExchangedSequence(
                view.Sequence,
                view.Proposal,
                owner?.DisplayName ?? view.Sequence.Owner,
                Document(MetadataKind.Measurement),
                Document(MetadataKind.Sample),
                [
                    .. listed
                        .Entries.Select(entry => entry.File)
                        .OfType<DataFile>()
                        .Select(file => (file.Key[(view.Sequence.Id.Length + 1)..], file.SizeBytes, file.ContentType)),
                ]
            )
            {
                OwnerEmail = owner?.Email,
            }
        );
        return new ExportedMetadata(text, format.ContentType, $"{view.Sequence.Id}-{format.FileName}", notCarried);
    }

    /// <summary>Replaces the documents the text speaks of; the others stay. What was there remains in the history.</summary>
    /// <param name="isTrial">Only says what would come of it.</param>
    /// <param name="seen">
    /// Versions of the documents the caller saw; if somebody has changed one that the text replaces, nothing is written. Null writes
    /// over whatever is there.
    /// </param>
    /// <exception cref="FaultException">
    /// NotFound; Forbidden; Closed; Invalid for the format or the text; PreconditionFailed (<c>metadata-changed</c>).
    /// </exception>
    public async Task<ImportResult> ImportAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        string formatName,
        string text,
        bool isTrial,
        SeenVersions? seen,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireOpenAsync(principal, proposalId, sequenceId, cancellationToken);
        var format = formatName == Auto ? Detected(text) : Of(formatName);
        if (text.Length > MetadataCheck.MaxBytes)
            throw Fault.Invalid(
                "import-invalid",
                "The text is larger than 1 MiB. Metadata is at most that.",
                ("what", "size")
            );
        var read = format.Read(text);
        if (read.Measurement is null && read.Sample is null)
            throw Fault.Invalid(
                "import-invalid",
                $"Nothing in this text is metadata as {format.Name} has it, so nothing was changed. Look whether it is of that format.",
                ("what", "nothing"),
                ("format", format.Name)
            );
        var result = new ImportResult(
            read.Measurement?.ToJsonString(MetadataFormat.Readable),
            read.Sample?.ToJsonString(MetadataFormat.Readable),
            read.NotCarried,
            format.Name,
            await VersionsAsync(principal, proposalId, sequenceId, cancellationToken)
        );
        if (isTrial)
            return result;
        MetadataText[] texts =
        [
            new(MetadataKind.Measurement, result.Measurement, seen?.Measurement),
            new(MetadataKind.Sample, result.Sample, seen?.Sample),
        ];
        await set.HandleAsync(
            proposalId,
            sequenceId,
            [.. texts.Where(written => written.Json is not null)],
            principal,
            cancellationToken
        );
        return result with
        {
            Versions = new SeenVersions(
                result.Measurement is { } measurement ? MetadataVersion.Of(measurement) : result.Versions.Measurement,
                result.Sample is { } sample ? MetadataVersion.Of(sample) : result.Versions.Sample
            ),
        };
    }

    async Task<SeenVersions> VersionsAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var documents = await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        string Version(MetadataKind kind) =>
            documents.FirstOrDefault(document => document.Kind == kind)?.Version ?? MetadataVersion.None;
        return new SeenVersions(Version(MetadataKind.Measurement), Version(MetadataKind.Sample));
    }

    static MetadataFormat Detected(string text) =>
        DetectFormat.Of(text) is { } name
            ? Of(name)
            : throw Fault.Invalid(
                "format-unknown",
                $"The text is in none of the formats that can be told apart. Choose one: {string.Join(", ", Formats)}."
            );

    static MetadataFormat Of(string name) =>
        Known.FirstOrDefault(format => format.Name == name)
        ?? throw Fault.Invalid(
            "no-such-format",
            $"'{name}' is no format of metadata. Known are {string.Join(", ", Formats)}.",
            ("format", name)
        );
}
