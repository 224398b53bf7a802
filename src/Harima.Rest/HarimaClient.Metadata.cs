using System.Globalization;

namespace Harima.Rest;

public sealed partial class HarimaClient
{
    /// <summary>The text of a document exactly as it is stored.</summary>
    public async Task<string> GetMetadataAsync(
        string proposal,
        string sequence,
        string kind,
        CancellationToken cancellationToken
    )
    {
        using var response = await SendAsync(
            HttpMethod.Get,
            $"{One(proposal, sequence)}/metadata/{kind}",
            null,
            cancellationToken
        );
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>As <see cref="CheckMetadataAsync(HttpContent, CancellationToken)"/>, and whether it follows a schema.</summary>
    /// <param name="version">Null for the newest.</param>
    public Task<MetadataCheckDto> CheckMetadataAsync(
        HttpContent json,
        string schema,
        long? version,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            "/metadata/check" + Query(("schema", schema), ("version", version?.ToString(CultureInfo.InvariantCulture))),
            json,
            HarimaJson.Default.MetadataCheckDto,
            cancellationToken
        );

    /// <summary>Which schema each document follows, what is missing and what is wrong.</summary>
    public Task<ItemsDto<SchemaStandingDto>> GetStandingAsync(
        string proposal,
        string sequence,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            One(proposal, sequence) + "/metadata/standing",
            HarimaJson.Default.ItemsDtoSchemaStandingDto,
            cancellationToken
        );

    public async Task FollowSchemaAsync(
        string proposal,
        string sequence,
        string kind,
        FollowSchemaDto schema,
        CancellationToken cancellationToken
    ) =>
        (
            await SendAsync(
                HttpMethod.Put,
                $"{One(proposal, sequence)}/metadata/{kind}/schema",
                System.Net.Http.Json.JsonContent.Create(schema, HarimaJson.Default.FollowSchemaDto),
                cancellationToken
            )
        ).Dispose();

    /// <summary>Changes of the metadata, newest first.</summary>
    public Task<PageDto<MetadataChangeDto>> ListMetadataChangesAsync(
        string proposal,
        string sequence,
        int limit,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            One(proposal, sequence) + "/metadata/changes" + Query(("limit", Number(limit)), ("cursor", cursor)),
            HarimaJson.Default.PageDtoMetadataChangeDto,
            cancellationToken
        );

    /// <param name="before">The text before the change; otherwise the one after it.</param>
    public async Task RestoreMetadataAsync(
        string proposal,
        string sequence,
        long change,
        bool before,
        CancellationToken cancellationToken
    ) =>
        (
            await SendAsync(
                HttpMethod.Post,
                FormattableString.Invariant($"{One(proposal, sequence)}/metadata/changes/{change}/restore")
                    + (before ? "?before=true" : ""),
                null,
                cancellationToken
            )
        ).Dispose();

    /// <summary>Metadata of sequences as a table; the caller reads it from the stream and disposes of the answer.</summary>
    public Task<HttpResponseMessage> ExportTableAsync(TableRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/metadata/table/export",
            System.Net.Http.Json.JsonContent.Create(request, HarimaJson.Default.TableRequest),
            cancellationToken
        );

    /// <param name="apply">Makes the changes; otherwise they are only told.</param>
    public Task<BulkResultDto> ImportTableAsync(HttpContent table, bool apply, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            apply ? "/metadata/table" : "/metadata/table/preview",
            table,
            HarimaJson.Default.BulkResultDto,
            cancellationToken
        );

    /// <summary>Puts back what a bulk change did.</summary>
    public Task<BulkResultDto> UndoBulkAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"/metadata/bulk/{Segment(id)}/undo",
            null,
            HarimaJson.Default.BulkResultDto,
            cancellationToken
        );

    /// <summary>What setting values in everything that a question finds would do to the first of it.</summary>
    public Task<EditFoundPreviewDto> PreviewEditFoundAsync(
        EditFoundRequest request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            "/search/edit/preview",
            System.Net.Http.Json.JsonContent.Create(request, AsWritten.EditFoundRequest),
            HarimaJson.Default.EditFoundPreviewDto,
            cancellationToken
        );

    /// <summary>Sets values in everything that a question finds, by a worker.</summary>
    public Task<LargeEditDto> EditFoundAsync(EditFoundRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/search/edit",
            System.Net.Http.Json.JsonContent.Create(request, AsWritten.EditFoundRequest),
            HarimaJson.Default.LargeEditDto,
            cancellationToken
        );

    /// <summary>Makes the changes that an edited table of up to 100,000 rows asks for, by a worker.</summary>
    public Task<LargeEditDto> ImportLargeTableAsync(HttpContent table, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/metadata/large-edits/table",
            table,
            HarimaJson.Default.LargeEditDto,
            cancellationToken
        );

    /// <summary>Puts back what a bulk change of any size did, by a worker.</summary>
    public Task<LargeEditDto> UndoLargeAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"/metadata/bulk/{Segment(id)}/undo-large",
            null,
            HarimaJson.Default.LargeEditDto,
            cancellationToken
        );

    /// <summary>The caller's large edits, newest first.</summary>
    public Task<PageDto<LargeEditDto>> ListLargeEditsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync(
            "/metadata/large-edits" + Query(("limit", "100"), ("cursor", cursor)),
            HarimaJson.Default.PageDtoLargeEditDto,
            cancellationToken
        );

    /// <summary>How one of them stands.</summary>
    public Task<LargeEditDto> GetLargeEditAsync(string id, CancellationToken cancellationToken) =>
        GetAsync("/metadata/large-edits/" + Segment(id), HarimaJson.Default.LargeEditDto, cancellationToken);

    /// <summary>Sequences it left as they were, and why.</summary>
    public Task<PageDto<RefusedEditDto>> ListRefusedEditsAsync(
        string id,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            $"/metadata/large-edits/{Segment(id)}/refused" + Query(("limit", "200"), ("cursor", cursor)),
            HarimaJson.Default.PageDtoRefusedEditDto,
            cancellationToken
        );

    /// <summary>Lets it go no further.</summary>
    public Task<LargeEditDto> CancelLargeEditAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"/metadata/large-edits/{Segment(id)}/cancel",
            null,
            HarimaJson.Default.LargeEditDto,
            cancellationToken
        );

    // Values are kept as they are sent: Japanese is not to become escapes.
    static readonly HarimaJson AsWritten = new(
        new System.Text.Json.JsonSerializerOptions(HarimaJson.Default.Options)
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }
    );

    /// <summary>Opens at most 1000 sequences of a proposal, with their metadata.</summary>
    /// <param name="sequences">As <see cref="NewSequencesDto"/>; the documents are kept to the letter.</param>
    public Task<OpenedSequencesDto> OpenSequencesAsync(
        string proposal,
        HttpContent sequences,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            $"/proposals/{Segment(proposal)}/sequences/bulk",
            sequences,
            HarimaJson.Default.OpenedSequencesDto,
            cancellationToken
        );

    /// <summary>The newest version of each registered schema.</summary>
    public Task<ItemsDto<SchemaDto>> ListSchemasAsync(CancellationToken cancellationToken) =>
        GetAsync("/schemas", HarimaJson.Default.ItemsDtoSchemaDto, cancellationToken);

    /// <summary>Every version of a schema, newest first.</summary>
    public Task<ItemsDto<SchemaDto>> ListSchemaVersionsAsync(string schema, CancellationToken cancellationToken) =>
        GetAsync("/schemas/" + Segment(schema), HarimaJson.Default.ItemsDtoSchemaDto, cancellationToken);

    /// <summary>A schema's text exactly as it was registered.</summary>
    public async Task<string> GetSchemaAsync(string schema, long version, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            HttpMethod.Get,
            FormattableString.Invariant($"/schemas/{Segment(schema)}/{version}"),
            null,
            cancellationToken
        );
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    public Task<SchemaDto> RegisterSchemaAsync(
        string schema,
        string kind,
        string? technique,
        string? instrument,
        bool general,
        HttpContent json,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Put,
            "/schemas/"
                + Segment(schema)
                + Query(
                    ("kind", kind),
                    ("technique", technique),
                    ("instrument", instrument),
                    ("general", general ? "true" : null)
                ),
            json,
            HarimaJson.Default.SchemaDto,
            cancellationToken
        );
}
