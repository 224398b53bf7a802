using System.Globalization;
using System.Text;
using Harima.BucketConfiguration;
using Harima.S3.Errors;
using Harima.S3.Policies;

namespace Harima.Gateway.Operations;

sealed class PutBucketPolicy(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.PutBucketPolicy;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var (text, policy) = await S3Body.ReadDocumentAsync(
            request,
            ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        var effect = await configuration.PutPolicyAsync(
            request.Bucket,
            text,
            policy,
            request.Principal,
            cancellationToken
        );
        if (WarningOf(effect) is { } warning)
            request.Response.Headers.Warning = $"299 Harima \"{warning}\"";
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Whoever believes to have given a right is told where they have not.
    static string? WarningOf(PolicyEffect effect) =>
        effect switch
        {
            { HasAllow: true, Gives: false } =>
                "Allow gives nobody a right here: share the workspace in the portal or by ACL. Deny is obeyed.",
            { Unknown: > 0 } => string.Create(
                CultureInfo.InvariantCulture,
                $"{effect.Unknown} of the people an Allow names have no account here and get no right."
            ),
            _ => null,
        };

    static async Task<(string Text, BucketPolicy Policy)> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var block = new byte[4096];
        for (int read; (read = await body.ReadAsync(block, cancellationToken)) > 0; )
        {
            if (buffer.Length + read > BucketPolicy.MaxBytes)
                throw new S3Error("PolicyTooLarge", 400, "A policy has at most 20 KiB.").Exception();
            buffer.Write(block, 0, read);
        }
        var text = Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        return (text, BucketPolicy.Parse(text));
    }
}
