using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Harima.S3.Signing;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Harima.Api.Sequences;

static class FilesApi
{
    static readonly TimeSpan DownloadLifetime = TimeSpan.FromHours(1);

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(SequencesApi.One).WithTags("Files");
        group
            .MapGet("/files", ListAsync)
            .WithName("listFiles")
            .WithSummary("Files of a sequence in order of their paths; at most 1000 a page");
        group
            .MapGet("/files/{**path}", GetAsync)
            .WithName("getFile")
            .WithSummary("Facts of one file, and the addresses its bytes have");
        group
            .MapMethods("/content/{**path}", [HttpMethods.Get, HttpMethods.Head], ContentAsync)
            .WithName("getFileContent")
            .WithSummary("The bytes of one file; ranges and conditions are honoured")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
    }

    public static async Task<PageDto<FileDto>> PageAsync(
        Principal principal,
        FileQueries files,
        string bucket,
        string root,
        string? prefix,
        string? after,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        var listing = await files.ListAsync(
            principal,
            bucket,
            new ListRequest(
                root + prefix,
                null,
                string.IsNullOrEmpty(after) ? null : root + after,
                Paging.Limit(limit, Paging.MaxFiles, Paging.MaxFiles)
            ),
            cancellationToken
        );
        return new PageDto<FileDto>(
            [.. listing.Entries.Select(entry => ToDto(entry.File!, root))],
            listing.Next?[root.Length..]
        );
    }

    static async Task<Ok<PageDto<FileDto>>> ListAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceQueries sequences,
        FileQueries files,
        CancellationToken cancellationToken,
        string? prefix = null,
        string? after = null,
        int? limit = null
    )
    {
        var principal = context.ToPrincipal();
        var view = await sequences.GetAsync(principal, proposal, sequence, cancellationToken);
        return TypedResults.Ok(
            await PageAsync(
                principal,
                files,
                view.Sequence.ProposalId,
                view.Sequence.Id + "/",
                prefix,
                after,
                limit,
                cancellationToken
            )
        );
    }

    static async Task<Ok<FileFactsDto>> GetAsync(
        string proposal,
        string sequence,
        string path,
        HttpContext context,
        SequenceQueries sequences,
        FileQueries files,
        AccessKeys keys,
        Addresses addresses,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var view = await sequences.GetAsync(principal, proposal, sequence, cancellationToken);
        var (bucket, root) = (view.Sequence.ProposalId.ToLowerInvariant(), view.Sequence.Id + "/");
        var file = await files.GetAsync(principal, bucket, root + path, cancellationToken);
        var facts = ToDto(file, root);
        string? download = null;
        AccessKeySecret? made = null;
        if (!principal.IsAnonymous)
        {
            made = await keys.CreateSessionAsync(
                principal,
                new CredentialLimit(bucket, file.Key, MayWrite: false),
                DownloadLifetime,
                cancellationToken
            );
            download = Presign(made, bucket, file.Key, addresses.S3Of(context), addresses.Region, time);
        }
        var address =
            $"{addresses.PortalOf(context)}/api/v1/proposals/{view.Sequence.ProposalId}/sequences/{view.Sequence.Id}";
        return TypedResults.Ok(
            new FileFactsDto(
                facts.Path,
                facts.Key,
                facts.SizeBytes,
                facts.Etag,
                facts.Checksums,
                facts.ContentType,
                facts.ModifiedAt,
                $"s3://{bucket}/{file.Key}",
                $"{address}/content/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}",
                download,
                made?.Key.ExpiresAt
            )
        );
    }

    static async Task<IResult> ContentAsync(
        string proposal,
        string sequence,
        string path,
        HttpContext context,
        SequenceQueries sequences,
        FileQueries files,
        DownloadLog log,
        CancellationToken cancellationToken,
        string? version = null
    )
    {
        var principal = context.ToPrincipal();
        var view = await sequences.GetAsync(principal, proposal, sequence, cancellationToken);
        return await SendAsync(
            context,
            files,
            log,
            principal,
            view.Sequence.ProposalId,
            $"{view.Sequence.Id}/{path}",
            version,
            cancellationToken
        );
    }

    /// <summary>The bytes of a file of a sequence or a workspace.</summary>
    /// <param name="version">Null for the current one.</param>
    public static async Task<IResult> SendAsync(
        HttpContext context,
        FileQueries files,
        DownloadLog log,
        Principal principal,
        string bucket,
        string key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var opened = await files.OpenAsync(principal, bucket, key, version, cancellationToken);
        context.Response.RegisterForDispose(opened);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.OnCompleted(() =>
            {
                log.AddFile(context, principal, bucket, opened.File.Key);
                return Task.CompletedTask;
            });
        }
        // Whatever somebody uploaded must not run as a page of ours.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return Results.Stream(
            opened.ReadAll(),
            opened.File.ContentType ?? "application/octet-stream",
            key[(key.LastIndexOf('/') + 1)..],
            opened.File.ModifiedAt,
            new EntityTagHeaderValue($"\"{opened.File.ETag}\""),
            enableRangeProcessing: true
        );
    }

    static string Presign(
        AccessKeySecret made,
        string bucket,
        string key,
        string endpoint,
        string region,
        TimeProvider time
    )
    {
        var credentials = new Credentials(made.Key.Id, made.SecretKey, made.SessionToken);
        var address = RawUri.Create(
            $"{endpoint}/{UriEncoding.Encode(bucket)}/{UriEncoding.Encode(key, keepSlash: true)}"
        );
        return new RequestSigner(credentials, region, time)
            .Presign(HttpMethod.Get, address, DownloadLifetime)
            .OriginalString;
    }

    static FileDto ToDto(DataFile file, string root) =>
        new(
            file.Key[root.Length..],
            file.Key,
            file.SizeBytes,
            file.ETag,
            file.ReadChecksums()
                .ToDictionary(
                    known => known.Checksum.Algorithm.ToString().ToLowerInvariant(),
                    known => known.Checksum.Value,
                    StringComparer.Ordinal
                ),
            file.ContentType,
            file.ModifiedAt
        );
}
