"""The first-party metrics, registered through the same hook as anyone's."""

from benchcomp.hookspecs import Entry, hookimpl


@hookimpl
def benchcomp_metrics() -> list[Entry]:
    """Register the metrics."""
    return [
        Entry("psnr_rgb", "PSNR over the RGB samples", "benchcomp.metrics.psnr:PsnrRgb"),
        Entry("psnr_y", "PSNR of BT.601 full-range luma", "benchcomp.metrics.psnr:PsnrY"),
        Entry("ssim_rgb", "SSIM, mean over R, G and B", "benchcomp.metrics.ssim:SsimRgb"),
        Entry("ssim_y", "SSIM of BT.601 full-range luma", "benchcomp.metrics.ssim:SsimY"),
        Entry("ms_ssim_rgb", "multi-scale SSIM, mean over R, G and B", "benchcomp.metrics.ssim:MsSsimRgb"),
        Entry("lpips_alex", "LPIPS v0.1 with AlexNet", "benchcomp.metrics.lpips:LpipsAlex"),
        Entry("lpips_vgg", "LPIPS v0.1 with VGG16", "benchcomp.metrics.lpips:LpipsVgg"),
    ]
