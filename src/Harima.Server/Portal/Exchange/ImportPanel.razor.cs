using System.Text;
using Harima.Exchange;
using Harima.Extraction;
using Harima.Faults;
using Harima.Metadata;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Exchange;

partial class ImportPanel
{
    ImportResult? _result;
    string? _text;

    [Inject]
    ExchangeMetadata Exchange { get; set; } = null!;

    [Parameter, EditorRequired]
    public string ProposalId { get; set; } = "";

    [Parameter, EditorRequired]
    public string SequenceId { get; set; } = "";

    /// <summary>As they are now.</summary>
    [Parameter]
    public IReadOnlyList<MetadataDocument> Documents { get; set; } = [];

    string Here => Address.Sequence(ProposalId, SequenceId);

    /// <summary>A form that is not on the page cannot be submitted.</summary>
    bool IsPosted(string form) => Field("_handler") == form;

    Task PreviewAsync() => TryAsync(async () => await TrialAsync(await UploadedAsync()));

    async Task ApplyAsync()
    {
        var seen = new SeenVersions(Field("seenMeasurement"), Field("seenSample"));
        if (await TryAsync(() => ImportAsync(Field("importText") ?? "", isTrial: false, seen)))
            Navigation.NavigateTo(Here + "?tab=metadata&done=saved");
        // Beside what somebody else has written meanwhile: the page read the documents after this was refused.
        else if (Refusal?.Reason == "metadata-changed" && Field("importText") is { Length: > 0 } text)
            await TrialAsync(text);
    }

    async Task TrialAsync(string text)
    {
        _result = await ImportAsync(text, isTrial: true, null);
        _text = text;
    }

    Task<ImportResult> ImportAsync(string text, bool isTrial, SeenVersions? seen) =>
        Exchange.ImportAsync(
            Visitor.Principal,
            ProposalId,
            SequenceId,
            Field("importFormat") ?? ExchangeMetadata.Auto,
            text,
            isTrial,
            seen,
            Aborted
        );

    async Task<string> UploadedAsync()
    {
        var file = Context.Request.Form.Files.GetFile("importFile");
        if (file is null || file.Length == 0)
            throw Fault.Invalid("import-missing", "Choose a file first.");
        if (file.Length > MetadataCheck.MaxBytes)
            throw Fault.Invalid(
                "import-invalid",
                "The text is larger than 1 MiB. Metadata is at most that.",
                ("what", "size")
            );
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, Aborted);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true)
                .GetString(bytes.GetBuffer(), 0, (int)bytes.Length)
                .TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw Fault.Invalid(
                "metadata-encoding",
                "The metadata is not UTF-8 text. Save it as UTF-8, then try again."
            );
        }
    }

    string? Field(string name) =>
        Context.Request.HasFormContentType ? Context.Request.Form[name].FirstOrDefault() : null;
}
